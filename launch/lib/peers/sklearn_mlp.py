"""scikit-learn's MLPClassifier: partial_fit on 256 batches a call, which makes the checks of its arguments cheap."""

from sklearn.neural_network import MLPClassifier
from worker import LAYERS, LEARNING_RATE, MOMENTUM, Passes, initial_weights


class Trainer:
    def __init__(self, x, y, batch, cores):
        self.passes = Passes(len(x), batch, 256)
        self.x, self.y, self.steps, self.batch = x, y, self.passes.steps, batch
        self.model = MLPClassifier(LAYERS[1:-1], solver="sgd", alpha=0, batch_size=batch, momentum=MOMENTUM,
                                   learning_rate_init=LEARNING_RATE, nesterovs_momentum=False, shuffle=False)
        self.model.partial_fit(x[:batch], y[:batch], classes=range(LAYERS[-1]))
        for number, (weight, bias) in enumerate(initial_weights()):
            self.model.coefs_[number][:], self.model.intercepts_[number][:] = weight, bias

    def call(self):
        start = next(self.passes)[0]
        end = start + self.steps * self.batch
        self.model.partial_fit(self.x[start:end], self.y[start:end])

    def loss(self):
        assert self.model.coefs_[0].dtype == self.x.dtype, "scikit-learn left float32"
        return self.model.loss_

    def agree(self, value):
        return value
