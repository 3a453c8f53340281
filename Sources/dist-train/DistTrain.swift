import ArgumentParser
@main struct DistTrain: ParsableCommand { func run() {} }
