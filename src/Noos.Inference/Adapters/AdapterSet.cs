using System.Buffers.Binary;
using System.Security.Cryptography;
using Noos.Core;
using Noos.Inference.Weights;

namespace Noos.Inference.Adapters;

/// <summary>
/// The LoRA adapters of a sequence in the order in which they are added. Immutable; equal if adapters, scales and order are equal.
/// </summary>
sealed class AdapterSet : IEquatable<AdapterSet>
{
    const float MaxScale = 1000;

    readonly AdapterScale[] _items;

    AdapterSet(AdapterScale[] items) => _items = items;

    public IReadOnlyList<AdapterScale> Items => _items;

    /// <summary>Checks the adapters and drops those of scale 0; null where none is left.</summary>
    /// <exception cref="NoosException">A scale is impossible, or an adapter belongs to another model.</exception>
    public static AdapterSet? Create(IReadOnlyList<AdapterScale>? adapters, ModelId model)
    {
        foreach (var (adapter, scale) in adapters ?? [])
        {
            // Negated, so that NaN is refused too.
            if (!(Math.Abs(scale) <= MaxScale))
            {
                throw new NoosException(
                    $"The scale of the adapter '{adapter.Name}' must be between -{MaxScale} and {MaxScale}, not {scale}.");
            }

            if (adapter.Model != model)
            {
                throw new NoosException($"The adapter '{adapter.Name}' was loaded for another model; load it for '{model.Name}'.");
            }
        }

        AdapterScale[] acting = [.. (adapters ?? []).Where(item => item.Scale != 0)];
        return acting.Length == 0 ? null : new AdapterSet(acting);
    }

    /// <summary>32 bytes that tell sets apart over restarts: by the adapters' files, scales and order; zeros for none.</summary>
    public static byte[] GetFingerprint(AdapterSet? set)
    {
        if (set is null)
        {
            return new byte[SHA256.HashSizeInBytes];
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bits = stackalloc byte[sizeof(float)];
        foreach (var (adapter, scale) in set._items)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bits, scale);
            hash.AppendData(adapter.Fingerprint);
            hash.AppendData(bits);
        }

        return hash.GetHashAndReset();
    }

    public bool Equals(AdapterSet? other) => other is not null && _items.AsSpan().SequenceEqual(other._items);

    public override bool Equals(object? obj) => Equals(obj as AdapterSet);

    public override int GetHashCode() => _items.Aggregate(_items.Length, HashCode.Combine);
}
