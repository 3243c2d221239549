using Noos.Core;

namespace Noos.Inference.PrefixCache;

/// <summary>Where stored keys and values come from, for messages.</summary>
/// <param name="Name">The subject of a sentence: "The file 'x' of keys and values".</param>
/// <param name="Remedy">What to do if it is of no use: "delete it".</param>
sealed record KeyValueSource(string Name, string Remedy)
{
    public NoosException Damaged() => new(ErrorKind.Damaged, $"{Name} is damaged, so nothing of it was used; {Remedy}.");

    /// <summary>The sentence for whatever went wrong while it was read.</summary>
    public NoosException Explain(Exception exception) => exception switch
    {
        NoosException known => known,
        EndOfStreamException => Damaged(),
        IOException or UnauthorizedAccessException =>
            new(ErrorKind.Refused, $"{Name} cannot be read; the system says: {exception.Message.TrimEnd('.')}.", exception),
        OutOfMemoryException =>
            new(ErrorKind.OutOfMemory, $"There is not enough memory for what is kept; close other programs, or {Remedy}.", exception),
        _ => new(ErrorKind.Internal, $"{Name} cannot be used; {Remedy}.", exception),
    };
}
