namespace Noos.Language.Tokenization;

/// <summary>Progress of <see cref="BpeTrainer"/>: first text is counted, then pairs are merged.</summary>
/// <param name="BytesCounted">Bytes of text whose pieces have been counted.</param>
/// <param name="Merges">Merges learned so far.</param>
/// <param name="MergesWanted">Merges to learn in all.</param>
public readonly record struct TokenizerTrainingProgress(long BytesCounted, int Merges, int MergesWanted);
