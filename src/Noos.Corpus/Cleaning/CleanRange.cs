namespace Noos.Corpus.Cleaning;

/// <summary>A part of an archive that is cleaned as one unit of work: the records that begin in it.</summary>
/// <param name="Path">The archive, relative to the folder of the corpus.</param>
/// <param name="Start">First byte.</param>
/// <param name="End">The byte behind the last.</param>
public sealed record CleanRange(string Path, long Start, long End);
