namespace Noos.Cpus.Local;

/// <summary>How well a document answers a question.</summary>
/// <param name="Index">Which of the documents.</param>
/// <param name="Score">From 0 to 1, the logistic function of what the model says.</param>
public readonly record struct RankedDocument(int Index, double Score);
