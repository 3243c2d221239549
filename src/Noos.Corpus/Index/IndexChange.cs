namespace Noos.Corpus.Index;

/// <summary>What an addition did to the documents of an index.</summary>
/// <param name="Added">They are new.</param>
/// <param name="Updated">They were there with another text.</param>
/// <param name="Unchanged">They were there as they are.</param>
/// <param name="Removed">They were of the same place, and are no more.</param>
public readonly record struct IndexChange(int Added, int Updated, int Unchanged, int Removed)
{
    public static IndexChange operator +(IndexChange one, IndexChange other) => new(
        one.Added + other.Added, one.Updated + other.Updated, one.Unchanged + other.Unchanged, one.Removed + other.Removed);

    public static IndexChange Add(IndexChange left, IndexChange right) => left + right;
}
