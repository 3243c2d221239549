namespace Noos.Kernel.Journaling;

/// <summary>How much a journal holds.</summary>
/// <param name="Bytes">On the disk, with what is not yet in its file proper.</param>
/// <param name="LastEvent">The id of the last event of all: so many were ever written.</param>
public sealed record JournalExtent(long Bytes, long LastEvent);
