import FoundationEssentials
import Machine
import RunFiles
import Testing
import TestSupport

@Suite struct RunFileErrorTests {
  /// A run file with `lines` after two valid lines of data, and the error expected for it.
  struct Wrong: CustomTestStringConvertible {
    var lines: String
    var error: String
    init(_ lines: String, _ error: String) { (self.lines, self.error) = (lines, error) }
    var testDescription: String { lines }
  }

  static let appended: [Wrong] = [
    // Unknown keys
    Wrong("training:\n  bach_size: 3", "4:3: unknown key 'bach_size' in training; did you mean 'batch_size'?"),
    Wrong(
      "training: {epochs: 0, btach_size: 0}", "3:23: unknown key 'btach_size' in training; did you mean 'batch_size'?"),
    Wrong("batch_size: 3", "3:1: unknown key 'batch_size'; did you mean 'training.batch_size'?"),
    Wrong("trainig:\n  epochs: 0", "3:1: unknown key 'trainig'; did you mean 'training'?"),
    Wrong("output: {scale: 1}", "3:10: unknown key 'scale' in output; did you mean 'data.processes[0].scale'?"),
    Wrong("output: {qqqqqq: 1}", "3:10: unknown key 'qqqqqq' in output; known here: directory, checkpoint_every, keep"),
    Wrong(
      "check: 1",
      "3:1: unknown key 'check'; known here: name, data, split, network, training, evaluation, output, safety"),
    Wrong(
      "training: {schedule: {step: {factor: 1, evry: 1}}}",
      "3:41: unknown key 'evry' in training.schedule.step; did you mean 'every'?"),
    Wrong("? [a, b]\n: 1", "3:3: this key is a list or a section; give a name, such as 'training'"),
    Wrong("[a, b]: 1", "3:1: this key is a list or a section; give a name, such as 'training'"),
    Wrong("{a: b}: 1", "3:1: this key is a list or a section; give a name, such as 'training'"),
    Wrong("!x name: y", "3:1: this key is tagged '!x'; remove the tag"),
    Wrong("'': 1", "3:1: unknown key ''; known here: name, data, split, network, training, evaluation, output, safety"),
    Wrong(
      "<<: {name: x}",
      "3:1: unknown key '<<'; known here: name, data, split, network, training, evaluation, output, safety"),
    Wrong(
      "\"a\\nb\": 1",
      "3:1: unknown key 'a\\nb'; known here: name, data, split, network, training, evaluation, output, safety"),
    // Types
    Wrong(
      "training:\n  batch_size: many", "4:15: training.batch_size is 'many'; give a whole number from 1 to 1000000000"),
    Wrong(
      "training:\n  batch_size: '5'",
      "4:15: training.batch_size is the quoted text '5'; give a whole number from 1 to 1000000000"),
    Wrong(
      "training:\n  batch_size: [5]", "4:15: training.batch_size is a list; give a whole number from 1 to 1000000000"),
    Wrong(
      "training:\n  batch_size: {a: 5}",
      "4:15: training.batch_size is a section; give a whole number from 1 to 1000000000"),
    Wrong("training:\n  batch_size:", "4:14: training.batch_size is empty; give a whole number from 1 to 1000000000"),
    Wrong(
      "training:\n  batch_size: !!int 5",
      "4:15: training.batch_size is tagged 'tag:yaml.org,2002:int'; give a whole number from 1 to 1000000000"),
    Wrong(
      "training:\n  batch_size: !!str 5",
      "4:15: training.batch_size is the text '5'; give a whole number from 1 to 1000000000"),
    Wrong(
      "training:\n  batch_size: ! '5'",
      "4:15: training.batch_size is the quoted text '5'; give a whole number from 1 to 1000000000"),
    Wrong(
      "name: !!python/object:os.system x",
      "3:7: name is tagged 'tag:yaml.org,2002:python/object:os.system'; give a text of one line"),
    Wrong(
      "network: {hidden: !!set [1]}",
      "3:19: network.hidden is tagged 'tag:yaml.org,2002:set'; give a list such as [30, 30]"),
    Wrong("training: !x {epochs: 1}", "3:11: training is tagged '!x'; give a section of keys and values"),
    Wrong(
      "training: !!seq {epochs: 1}",
      "3:11: training is tagged 'tag:yaml.org,2002:seq'; give a section of keys and values"),
    Wrong("training: {shuffle: yes}", "3:21: training.shuffle is 'yes'; give true or false"),
    Wrong("training: {shuffle: Off}", "3:21: training.shuffle is 'Off'; give true or false"),
    Wrong("training: {shuffle: 1}", "3:21: training.shuffle is '1'; give true or false"),
    Wrong("training: {shuffle: \"true\"}", "3:21: training.shuffle is the quoted text 'true'; give true or false"),
    Wrong("training: 5", "3:11: training is '5'; give a section of keys and values"),
    Wrong("training: [epochs]", "3:11: training is a list; give a section of keys and values"),
    Wrong("network: {hidden: 30}", "3:19: network.hidden is '30'; give a list such as [30, 30]"),
    Wrong("name: [a]", "3:7: name is a list; give a text of one line"),
    Wrong("name: null", "3:7: name is empty; give a text of one line"),
    Wrong("name: ''", "3:7: name is the quoted text ''; give a text of one line"),
    Wrong("name: \"a\\tb\"", "3:7: name is the quoted text 'a\\tb'; give a text of one line"),
    // Ranges
    Wrong("training: {batch_size: 0}", "3:24: training.batch_size is '0'; give a whole number from 1 to 1000000000"),
    Wrong(
      "training: {batch_size: 2.5}", "3:24: training.batch_size is '2.5'; give a whole number from 1 to 1000000000"),
    Wrong(
      "training: {batch_size: 1e99}", "3:24: training.batch_size is '1e99'; give a whole number from 1 to 1000000000"),
    Wrong("training: {epochs: -1}", "3:20: training.epochs is '-1'; give a whole number from 0 to 1000000000"),
    Wrong("training: {seed: -1}", "3:18: training.seed is '-1'; give a whole number from 0 to 18446744073709551615"),
    Wrong(
      "training: {seed: 18446744073709551616}",
      "3:18: training.seed is '18446744073709551616'; give a whole number from 0 to 18446744073709551615"),
    Wrong(
      "training: {seed: 9007199254740993.0}",
      "3:18: training.seed is '9007199254740993.0'; give a whole number from 0 to 18446744073709551615"),
    Wrong(
      "training: {reduction: flaot32}",
      "3:23: training.reduction is 'flaot32'; give exact or float32 (did you mean 'float32'?)"),
    Wrong("training: {block: 0}", "3:19: training.block is '0'; give a whole number from 1 to 1000000000"),
    Wrong("training: {warmup_epochs: -0.5}", "3:27: training.warmup_epochs is '-0.5'; give a number of at least 0"),
    Wrong(
      "training: {optimizer: {learning_rate: -0.1}}",
      "3:39: training.optimizer.learning_rate is '-0.1'; give a number above 0"),
    Wrong(
      "training: {optimizer: {learning_rate: .nan}}",
      "3:39: training.optimizer.learning_rate is '.nan'; give a number above 0"),
    Wrong(
      "training: {optimizer: {learning_rate: NaN}}",
      "3:39: training.optimizer.learning_rate is 'NaN'; give a number above 0"),
    Wrong(
      "training: {optimizer: {learning_rate: .inf}}",
      "3:39: training.optimizer.learning_rate is '.inf'; give a number above 0"),
    Wrong(
      "training: {optimizer: {learning_rate: 1e39}}",
      "3:39: training.optimizer.learning_rate is '1e39'; give a number that a Float can hold"),
    Wrong(
      "training: {optimizer: {learning_rate: 0x10}}",
      "3:39: training.optimizer.learning_rate is '0x10'; give a number above 0"),
    Wrong(
      "training: {optimizer: {learning_rate: 1-2}}",
      "3:39: training.optimizer.learning_rate is '1-2'; give a number above 0"),
    Wrong(
      "training: {optimizer: {learning_rate: 1_0}}",
      "3:39: training.optimizer.learning_rate is '1_0'; give a number above 0"),
    Wrong(
      "training: {optimizer: {momentum: 0.999999999}}",
      "3:34: training.optimizer.momentum is '0.999999999'; give a number of at least 0 and below 1"),
    Wrong(
      "training: {optimizer: {weight_decay: -1}}",
      "3:38: training.optimizer.weight_decay is '-1'; give a number of at least 0"),
    Wrong(
      "training: {optimizer: {nesterov: true, momentum: 0}}",
      "3:34: training.optimizer.nesterov does nothing at momentum 0; give momentum or false"),
    Wrong(
      "training: {optimizer: {name: adan}}",
      "3:30: training.optimizer.name is 'adan'; give sgd or adam or adamw (did you mean 'adam'?)"),
    Wrong(
      "training:\n  optimizer: adma",
      "4:14: training.optimizer.name is 'adma'; give sgd or adam or adamw (did you mean 'adam'?)"),
    Wrong(
      "training: {lr: 0.1}",
      "3:12: unknown key 'lr' in training; known here: loss, label_smoothing, focal_gamma, event_weights, optimizer, l2, "
        + "schedule, warmup_epochs, batch_size, epochs, early_stopping, metrics, monitor, shuffle, class_weights, seed, block, "
        + "reduction"),
    Wrong(
      "training: {loss: mse}", "3:18: training.loss is 'mse'; give categorical_crossentropy or binary_crossentropy"),
    Wrong(
      "training: {label_smoothing: 1}",
      "3:29: training.label_smoothing is '1'; give a number of at least 0 and below 1"),
    Wrong("training: {focal_gamma: -1}", "3:25: training.focal_gamma is '-1'; give a number from 0 to 100"),
    Wrong(
      "training: {metrics: [loss, purity]}",
      "3:28: training.metrics[1] is 'purity'; give loss or accuracy or weighted_accuracy or auc"),
    Wrong(
      "training: {metrics: [loss, loss]}", "3:28: training.metrics[1] repeats 'loss'; every one must be different"),
    Wrong(
      "training: {monitor: weighted_accuracy}",
      "3:21: training.monitor is 'weighted_accuracy', which is not among training.metrics; add it there"),
    Wrong(
      "training: {metrics: [auc]}",
      "3:11: training.monitor is 'loss', which is not among training.metrics; add it there"),
    Wrong(
      "training: {monitor: auc}\nsplit: {train: 0.8, validation: 0, test: 0.2}",
      "3:11: training has monitor: auc, which needs validation events; raise split.validation"),
    Wrong(
      "training: {early_stopping: {patience: 2, min_delta: -1}}",
      "3:53: training.early_stopping.min_delta is '-1'; give a number of at least 0"),
    Wrong(
      "training: {event_weights: {negative: flip}}",
      "3:38: training.event_weights.negative is 'flip'; give absolute or keep or drop"),
    Wrong(
      "training: {event_weights: {clip: 0}}",
      "3:34: training.event_weights.clip is '0'; give a number of at least 1e-37 and below 1"),
    Wrong(
      "training: {early_stopping: {}}", "3:28: training.early_stopping.patience is missing; add 'patience: 10'"),
    Wrong(
      "training: {early_stopping: {patience: 0}}",
      "3:39: training.early_stopping.patience is '0'; give a whole number from 1 to 1000000000"),
    Wrong(
      "training: {early_stopping: {patience: 3}}\nsplit: {train: 0.8, validation: 0, test: 0.2}",
      "3:11: training has early_stopping, which needs validation events; raise split.validation"),
    Wrong(
      "evaluation: {signal: [x]}", "3:22: evaluation.signal names 'x', which is not a class; the classes are s, b"),
    Wrong("evaluation: {signal: [s, b]}", "3:22: evaluation.signal names all classes; leave one out, the background"),
    Wrong("evaluation: {bins: 0}", "3:20: evaluation.bins is '0'; give a whole number from 1 to 1000"),
    Wrong("evaluation: {min_n_eff: 0}", "3:25: evaluation.min_n_eff is '0'; give a number of at least 1"),
    Wrong("safety: {watchdog: 0}", "3:20: safety.watchdog is '0'; give a whole number from 1 to 1000000000"),
    Wrong("safety: {replica_check: 0}", "3:25: safety.replica_check is '0'; give a whole number from 1 to 1000000000"),
    Wrong("output: {keep: 0}", "3:16: output.keep is '0'; give a whole number from 2 to 1000000000"),
    Wrong("output: {keep: 1}", "3:16: output.keep is '1'; give a whole number from 2 to 1000000000"),
    Wrong(
      "output: {checkpoint_every: 0}", "3:28: output.checkpoint_every is '0'; give a whole number from 1 to 1000000000"),
    Wrong(
      "output: {directory: ~/runs}",
      "3:21: output.directory is '~/runs'; give the path in full; '~' means nothing here"),
    // Split
    Wrong("split: {train: 0, validation: 0.5, test: 0.5}", "3:16: split.train is '0'; give a number above 0"),
    Wrong(
      "split: {train: 1.5, validation: -0.5, test: 0}", "3:33: split.validation is '-0.5'; give a number of at least 0"),
    Wrong("split: {train: 0.8}", "3:16: split.train + validation + test is 1.1 (0.8 + 0.15 + 0.15); make it 1"),
    Wrong("split: {seed: -1}", "3:15: split.seed is '-1'; give a whole number from 0 to 18446744073709551615"),
    Wrong(
      "split: {by: events}",
      "3:13: split.by is 'events'; give random, event, {column: c, train: [0], validation: [1], test: [2]} or "
        + "{files: {validation: [a], test: [b]}} (did you mean 'event'?)"),
    Wrong("split: {by: event}", "3:8: split by event needs the identities of events; name their columns in data.event"),
    Wrong("split: {by: {train: [1]}}", "3:13: split.by.column is missing; add 'column: c'"),
    Wrong(
      "split: {by: {files: {}}, test: 0.3}",
      "3:32: split.test is a fraction, but split.by already assigns the events; remove it"),
    Wrong("split: {test: 0.1}", "3:8: split.train + validation + test is 0.95 (0.7 + 0.15 + 0.1); make it 1"),
    // Network
    Wrong("network: {hidden: [30, 0]}", "3:24: network.hidden[1] is '0'; give a whole number from 1 to 1000000"),
    Wrong(
      "network: {activation: rleu}",
      "3:23: network.activation is 'rleu'; give relu or tanh or sigmoid or linear or silu or gelu or leaky_relu or elu (did you mean 'relu'?)"
    ),
    Wrong(
      "network: {activation: [relu, tanh]}",
      "3:23: network.activation is a list of 2; give one activation per hidden layer (3), or one for all"),
    Wrong(
      "network: {initializer: he_unifrom}",
      "3:24: network.initializer is 'he_unifrom'; give glorot_uniform, he_uniform, lecun_uniform, glorot_normal, he_normal, lecun_normal, zeros or "
        + "{random_uniform: [-0.1, 0.1]} (did you mean 'he_uniform'?)"),
    Wrong(
      "network: {initializer: random_uniform}",
      "3:24: network.initializer is 'random_uniform'; give glorot_uniform, he_uniform, lecun_uniform, glorot_normal, he_normal, lecun_normal, zeros or "
        + "{random_uniform: [-0.1, 0.1]}"),
    Wrong(
      "network: {initializer: {random_uniform: [1, -1]}}",
      "3:41: network.initializer.random_uniform is [1, -1]; give two numbers, the lower one first"),
    Wrong(
      "network: {initializer: {random_uniform: [1]}}",
      "3:41: network.initializer.random_uniform is a list of 1; give two numbers, the lower one first"),
    Wrong(
      "network: {initializer: {random_uniform: [-1e39, 0]}}",
      "3:42: network.initializer.random_uniform[0] is '-1e39'; give a number that a Float can hold"),
    // Schedule and class weights
    Wrong(
      "training: {schedule: step}",
      "3:22: training.schedule is 'step'; give constant, {step: {factor: 0.5, every: 10}}, {cosine: {final: 0.01}}, "
        + "{exponential: {rate: 0.95}} or {plateau: {factor: 0.1, patience: 10}}"),
    Wrong(
      "training: {schedule: {stpe: {}}}",
      "3:22: training.schedule is a section; give constant, {step: {factor: 0.5, every: 10}}, {cosine: {final: 0.01}}, "
        + "{exponential: {rate: 0.95}} or {plateau: {factor: 0.1, patience: 10}} (did you mean 'step'?)"),
    Wrong(
      "training: {schedule: {step: {every: 0, factor: 1}}}",
      "3:37: training.schedule.step.every is '0'; give a whole number from 1 to 1000000000"),
    Wrong(
      "training: {schedule: {step: {every: 1}}}",
      "3:29: training.schedule.step.factor is missing; add 'factor: 0.5'"),
    Wrong(
      "training: {schedule: {cosine: {final: 2}}}",
      "3:39: training.schedule.cosine.final is '2'; give a number from 0 to 1"),
    Wrong(
      "training: {class_weights: [1, 2, 3]}",
      "3:27: training.class_weights is a list of 3; give one number per class (2)"),
    Wrong(
      "training: {class_weights: [1, 0]}",
      "3:31: training.class_weights[1] is '0'; give a number from 1e-06 to 1000000"),
    Wrong(
      "training: {class_weights: [1, 1e-60]}",
      "3:31: training.class_weights[1] is '1e-60'; give a number from 1e-06 to 1000000"),
    Wrong(
      "training: {class_weights: balance}",
      "3:27: training.class_weights is 'balance'; give none, balanced or one number per class (did you mean 'balanced'?)"
    ),
    // Syntax
    Wrong(
      "training:\n\tepochs: 3",
      "4:1: while scanning for the next token (from line 4), found character that cannot start any token; "
        + "put the text in quotes, and indent with spaces, not tabs"),
    Wrong(
      "training: {epochs: 3",
      "4:1: while parsing a flow mapping (from line 3), did not find expected ',' or '}'; check indentation, colons, "
        + "brackets and quotes"),
    Wrong(
      "training:\n  epochs: 3\n epochs: 4",
      "5:2: while parsing a block mapping (from line 1), did not find expected key; check indentation, colons, "
        + "brackets and quotes"),
    Wrong(
      "name: [x",
      "4:1: while parsing a flow sequence (from line 3), did not find expected ',' or ']'; check indentation, colons, "
        + "brackets and quotes"),
    Wrong(
      "name: 'x",
      "4:1: while scanning a quoted scalar (from line 3), found unexpected end of stream; check indentation, colons, "
        + "brackets and quotes"),
    Wrong(
      "name: \"\\uD800\"",
      "3:10: while parsing a quoted scalar (from line 3), found invalid Unicode character escape code; check indentation, "
        + "colons, brackets and quotes"),
    Wrong(
      "name: *x",
      "3:7: aliases such as '*x' are not supported; repeat the value, or put a text that starts with * in quotes"),
    Wrong(
      "name: &x y",
      "3:7: anchors such as '&x' are not supported; remove it, and put a text that starts with & in quotes"),
    Wrong(
      "&x name: y",
      "3:1: anchors such as '&x' are not supported; remove it, and put a text that starts with & in quotes"),
    Wrong(
      "split: &x {train: 1}",
      "3:8: anchors such as '&x' are not supported; remove it, and put a text that starts with & in quotes"),
    Wrong(
      "network: {hidden: &x [1]}",
      "3:19: anchors such as '&x' are not supported; remove it, and put a text that starts with & in quotes"),
    Wrong("---\nname: x", "3:1: a second document starts here; keep one, without lines of three dashes or dots"),
    Wrong(
      "...\n# c\n...\nname: x", "6:1: a second document starts here; keep one, without lines of three dashes or dots"),
    Wrong("%YAML 1.2\n---\nname: x", "3:1: directives (lines that start with %) are not supported; remove the line"),
    Wrong("...\n%TAG ! a", "4:1: directives (lines that start with %) are not supported; remove the line"),
    Wrong("name: x\nname: y", "4:1: the key 'name' occurs twice in this section, first in line 3; keep one"),
    Wrong(
      "training: {epochs: 3, \"epochs\": 4}",
      "3:23: the key 'epochs' occurs twice in this section, first in line 3; keep one"),
    Wrong(
      "name: e\(String(repeating: "\u{301}", count: 31))",
      "3:7: more than 30 combining marks (accents) in a row; remove them"),
    Wrong(
      "name: \"e\(String(repeating: "\\u0301\\u0323", count: 16))\"",
      "3:7: more than 30 combining marks (accents) in a row; remove them"),
    Wrong(
      "name: \(String(repeating: "[", count: 64))",
      "3:70: nested more than 64 levels deep; a run file needs five"),
    Wrong("name: \u{7}", "3:7: the character \\u{07} cannot be in YAML; remove it, or give a text file"),
  ]

  @Test(arguments: appended) func `a wrong line has its place, what is wrong and what to do`(_ wrong: Wrong) {
    let yaml = """
      data: {processes: [{name: s, files: [s.txt]}, {name: b, files: [b.txt]}],
        features: [x, y]}
      \(wrong.lines)

      """
    let error = #expect(throws: RunFileError.self) { try RunFile(yaml: yaml, named: "runs/a.yaml") }
    #expect(error?.description == "runs/a.yaml:" + wrong.error)
    #expect(error?.exitCode == .usage)
  }

  static let whole: [Wrong] = [
    Wrong("", "1:1: the file is empty; see data/hh-bbww.yaml for what a run file has"),
    Wrong("# nothing\n\n", "1:1: the file is empty; see data/hh-bbww.yaml for what a run file has"),
    Wrong("---\n", "2:1: the file is empty; a run file has keys with values, such as 'name: my-run'"),
    Wrong("\n- a", "2:1: the file is a list; a run file has keys with values, such as 'name: my-run'"),
    Wrong("%YAML 1.2\n---\nname: x", "1:1: directives (lines that start with %) are not supported; remove the line"),
    Wrong("# c\n\n  # d\r\n%x", "4:1: directives (lines that start with %) are not supported; remove the line"),
    Wrong("{name: x} y", "1:11: more text follows the end of the value; remove it, or put the whole value in quotes"),
    Wrong("!x {name: x}", "1:1: the file is tagged '!x'; a run file has keys with values, such as 'name: my-run'"),
    Wrong("hello", "1:1: the file is 'hello'; a run file has keys with values, such as 'name: my-run'"),
    Wrong("name: x", "1:1: data.processes is missing; add 'processes: [{name: signal, files: [signal.txt]}, …]'"),
    Wrong("proceses: x", "1:1: unknown key 'proceses'; did you mean 'data.processes'?"),
    Wrong(
      "name: x\ndata:\n  processes: []",
      "3:14: data.processes is an empty list; give a list such as [a, b] with one element or more"),
    Wrong(
      "data: {processes: [{name: a, files: [a]}, {name: a, files: [b]}], features: [x]}",
      "1:50: data.processes[1].name repeats 'a'; every one must be different"),
    Wrong(
      "data: {processes: [{name: a, files: [a]}, {name: b, files: [c, a]}], features: [x]}",
      "1:64: data.processes[1].files[1] repeats 'a'; every one must be different"),
    Wrong(
      "data: {processes: [{name: a, files: [a]}, {name: b, files: [b]}], features: [x, z, x]}",
      "1:84: data.features[2] repeats 'x'; every one must be different"),
    Wrong(
      "data: {processes: [{name: a, files: [a]}, {name: b, files: [b]}], features: [x], columns: [x, w, x]}",
      "1:98: data.columns[2] repeats 'x'; every one must be different"),
    Wrong(
      "data: {processes: [{name: a, files: [a]}, {name: b, files: [b]}], features: [x], text: {separator: ';;'}}",
      "1:100: data.text.separator is the quoted text ';;'; give , or ; or tab or blanks (did you mean ';'?)"),
    Wrong(
      "data: {processes: [{name: a, files: [a]}, {name: b, files: [b]}], features: [x], text: {separator: ',', decimal: ','}}",
      "1:114: data.text.decimal is a comma, like the separator; change one of them"),
    Wrong(
      "data: {processes: [{name: a, files: [a]}, {name: b, files: []}], features: [x]}",
      "1:60: data.processes[1].files is an empty list; give a list such as [a, b] with one element or more"),
    Wrong(
      "data: {processes: [{name: a, files: [a]}, {name: b}], features: [x]}",
      "1:43: data.processes[1].files is missing; add 'files: [signal.txt]'"),
    Wrong(
      "data: {processes: [{name: a, files: [a]}, b], features: [x]}",
      "1:43: data.processes[1] is 'b'; give a section of keys and values"),
    Wrong(
      "data: {processes: [{name: a, files: [a]}, {name: b, files: [~/b]}], features: [x]}",
      "1:61: data.processes[1].files[0] is '~/b'; give the path in full; '~' means nothing here"),
    Wrong(
      "data: {processes: [{name: a, files: [a]}, {name: b, files: [b], qqqqqq: 1}], features: [x]}",
      "1:65: unknown key 'qqqqqq' in data.processes[1]; known here: name, files, class, use, weight_files, scale, "
        + "cross_section, sum_weights"),
    Wrong(
      "data: {processes: [{name: a, files: [a]}, {name: b, files: [b]}], features: [x], label: {column: l}}",
      "1:89: data.label.classes is missing; add 'classes: {signal: [1], background: [0]}'"),
    Wrong(
      "data: {processes: [{name: a, files: [a]}, {name: b, files: [b]}], features: [x], weight_variations: [w]}",
      "1:101: data.weight_variations is a list; give names with values, such as {pu_up: [genWeight, puWeightUp]}"),
    Wrong(
      "data: {processes: [{name: a, files: [a]}, {name: b, files: [b], weight_files: [w, v]}], features: [x]}",
      "1:79: data.processes[1].weight_files is a list of 2; give one for each of files (1)"),
    Wrong(
      "data: {processes: [{name: a, files: [a]}, {name: b, files: [b], cross_section: 2}], features: [x]}",
      "1:19: data.processes [1] has no scale without sum_weights and data.luminosity (fb^-1): it is cross_section × 1000 × "
        + "luminosity / sum_weights"),
    Wrong(
      "data: {processes: [{name: a, files: [a]}], features: [x]}",
      "1:19: data.processes has one process; give two or more to tell apart"),
    Wrong(
      "data: {processes: [{name: a, files: [a]}, {name: b, files: [b]}]}",
      "1:7: data.features is missing; add 'features: [lep_pt, lep_eta, …]'"),
    Wrong(
      "data: {processes: [{name: a, files: [a]}, {name: b, files: [b]}], features: [x], layout: by_row}",
      "1:90: data.layout is 'by_row'; give features_by_row or events_by_row"),
    Wrong("é: [ü, 日\u{0}]", "1:9: the character \\0 cannot be in YAML; remove it, or give a text file"),
    Wrong("a: 1\r\nb:\r c: \u{1B}", "3:5: the character \\u{1B} cannot be in YAML; remove it, or give a text file"),
  ]

  @Test(arguments: whole) func `a wrong file`(_ wrong: Wrong) {
    let error = #expect(throws: RunFileError.self) { try RunFile(yaml: wrong.lines, named: "a.yaml") }
    #expect(error?.description == "a.yaml:" + wrong.error)
    #expect(error?.exitCode == .usage)
  }

  @Test(arguments: [".hidden", "a/b", "..", String(repeating: "n", count: 101), String(repeating: "ü", count: 51)])
  func `a name that is no safe folder name`(_ name: String) {
    let error = #expect(throws: RunFileError.self) { try RunFile(yaml: shortest + "\nname: \(name)", named: "a.yaml") }
    #expect(error?.place == "a.yaml:4:7")
    #expect(error?.message.hasSuffix("; give a folder name: no slash, no leading dot, at most 100 bytes") == true)
  }

  @Test func `a file name that makes no name of a run`() {
    let error = #expect(throws: RunFileError.self) { try RunFile(yaml: shortest, named: "x/.hidden.yaml") }
    #expect(
      error?.description
        == "x/.hidden.yaml:1:1: name is '.hidden'; give a folder name: no slash, no leading dot, at most 100 bytes")
  }

  @Test func `a name of 100 bytes is fine`() throws {
    let name = String(repeating: "ü", count: 50)
    #expect(try RunFile(yaml: shortest + "\nname: \(name)", named: "a.yaml").name == name)
  }

  @Test func `long values are cut and lines are not broken`() {
    let yaml = shortest + "\ntraining: {epochs: \(String(repeating: "9", count: 100_000))}"
    let error = #expect(throws: RunFileError.self) { try RunFile(yaml: yaml, named: "a\nb.yaml") }
    #expect(error?.place == "a\\nb.yaml:4:20")
    #expect(error.map { $0.message.count < 200 } == true)
  }
}
