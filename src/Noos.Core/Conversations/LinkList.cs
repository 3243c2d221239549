namespace Noos.Core.Conversations;

/// <summary>Addresses that a content offers to be opened. Not shown to the model: the text says what it should know of them.</summary>
/// <param name="Source">Who chose them, such as the site of the page; null where each address speaks for its own site.</param>
/// <param name="Addresses">As they stood there.</param>
public sealed record LinkList(string? Source, IReadOnlyList<string> Addresses)
{
    public bool Equals(LinkList? other) =>
        other is not null && Source == other.Source && Addresses.SequenceEqual(other.Addresses, StringComparer.Ordinal);

    public override int GetHashCode() => HashCode.Combine(Source, Addresses.Count);
}
