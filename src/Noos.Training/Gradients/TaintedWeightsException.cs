namespace Noos.Training.Gradients;

/// <summary>
/// What computes gradients found that earlier ones may have been wrong: the run returns to its last checkpoint, and goes on with the same
/// rows.
/// </summary>
public sealed class TaintedWeightsException(string message) : Exception(message);
