"""Keras, `fit`: 1,024 batches a call, which makes what it does once per epoch cheap."""

from keras_batch import Trainer as ByBatch


class Trainer(ByBatch):
    most_steps = 1024

    def call(self):
        start = next(self.passes)[0]
        events = slice(start, start + self.steps * self.batch)
        history = self.model.fit(self.x[events], self.y[events], batch_size=self.batch, shuffle=False, verbose=0)
        self.last = history.history["loss"][-1]
