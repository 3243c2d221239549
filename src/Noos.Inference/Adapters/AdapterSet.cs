using Noos.Core;

namespace Noos.Inference.Adapters;

/// <summary>The adapters of a conversation, in the order in which they act. Equal sets have equal adapters, scales and order.</summary>
sealed class AdapterSet : IEquatable<AdapterSet>
{
    const float LargestScale = 1000;

    readonly AdapterScale[] _items;

    AdapterSet(AdapterScale[] items) => _items = items;

    public IReadOnlyList<AdapterScale> Items => _items;

    /// <summary>Null where none acts.</summary>
    /// <exception cref="NoosException">A scale is impossible, or an adapter belongs to another model.</exception>
    public static AdapterSet? Of(IReadOnlyList<AdapterScale>? adapters, LanguageModel model)
    {
        foreach (var (adapter, scale) in adapters ?? [])
        {
            if (!(Math.Abs(scale) <= LargestScale))
            {
                throw new NoosException($"The scale of the adapter '{adapter.Name}' must be between -{LargestScale} and {LargestScale}, not {scale}.");
            }

            if (adapter.Model != model)
            {
                throw new NoosException($"The adapter '{adapter.Name}' was loaded for another model; load it for '{model.Name}'.");
            }
        }

        AdapterScale[] acting = [.. (adapters ?? []).Where(item => item.Scale != 0)];
        return acting.Length == 0 ? null : new AdapterSet(acting);
    }

    public bool Equals(AdapterSet? other) => other is not null && _items.AsSpan().SequenceEqual(other._items);

    public override bool Equals(object? obj) => Equals(obj as AdapterSet);

    public override int GetHashCode() => _items.Aggregate(_items.Length, HashCode.Combine);
}
