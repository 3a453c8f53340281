public enum ActivationKind { case relu, tanh, sigmoid, linear }
public func activate(_ kind: ActivationKind, _ values: UnsafeMutablePointer<Float>, count: Int) { for i in 0..<count where unsafe values[i] < 0 { unsafe values[i] = 0 } }
public func multiplyByDerivative(_ kind: ActivationKind, gradient: UnsafeMutablePointer<Float>, output: UnsafePointer<Float>, count: Int) { for i in 0..<count where unsafe output[i] <= 0 { unsafe gradient[i] = 0 } }
public func softmaxCrossEntropy(rows: Int, classes: Int, logits: UnsafePointer<Float>, stride: Int, labels: UnsafePointer<Int32>, weights: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>, losses: UnsafeMutablePointer<Float>) -> Int { 0 }
public func softmax(rows: Int, classes: Int, logits: UnsafePointer<Float>, stride: Int, probabilities: UnsafeMutablePointer<Float>) {}
public enum Elementary { 
public static func power(_ b: Double, _ e: Int) -> Double { b }
public static func cosine(_ x: Double) -> Double { x }
public static func sine(_ x: Double) -> Double { x }
public static func naturalLogarithm(_ x: Double) -> Double { x }
}
