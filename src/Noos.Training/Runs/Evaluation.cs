namespace Noos.Training.Runs;

/// <summary>What is measured now and then on held-out data.</summary>
/// <param name="Step">Updates done before it.</param>
/// <param name="Tokens">Tokens trained on before it.</param>
/// <param name="BitsPerByte">Bits per byte of held-out text by source; comparable between tokenizers.</param>
/// <param name="Samples">Texts that the model wrote.</param>
public sealed record Evaluation(
    long Step, long Tokens, IReadOnlyDictionary<string, double> BitsPerByte, IReadOnlyList<SampleCompletion> Samples)
{
    /// <summary>Share of the tokens, 0 to 1, that are told right by looking back, by task; null where that is not measured.</summary>
    public IReadOnlyDictionary<string, double>? Recall { get; init; }
}
