using Noos.Core;
using Noos.Language.Safetensors;
using Noos.Training.Model.Fused;
using Noos.Training.Reinforcement;

namespace Noos.Training.Adapters;

/// <summary>The trained values of an adapter, flat, so that an optimizer step or a norm is one pass.</summary>
public sealed unsafe class LoraParameters : IDisposable
{
    readonly Workspace _workspace = new();

    internal LoraParameters(IReadOnlyList<LoraSlot> slots)
    {
        Slots = slots;
        Length = slots.Sum(slot => slot.LengthOfA + slot.LengthOfB);
        Values = _workspace.Take(Length);
    }

    public IReadOnlyList<LoraSlot> Slots { get; }

    /// <summary>Number of values.</summary>
    public long Length { get; }

    internal float* Values { get; }

    /// <summary>A [rank, columns] of a pair.</summary>
    public Span<float> A(LoraSlot slot) => new(Values + slot.OffsetA, checked((int)slot.LengthOfA));

    /// <summary>B [rows, rank] of a pair.</summary>
    public Span<float> B(LoraSlot slot) => new(Values + slot.OffsetB, checked((int)slot.LengthOfB));

    /// <summary>
    /// A uniform within 1 / sqrt(columns) (He et al., 2015, as the peft library does it), B zero: at first the adapter changes nothing.
    /// </summary>
    public void Initialize(int seed)
    {
        foreach (var slot in Slots)
        {
            var key = Seeds.Mix((ulong)seed, (ulong)slot.Index);
            var bound = 1 / Math.Sqrt(slot.Columns);
            var a = A(slot);
            for (var i = 0; i < a.Length; i++)
            {
                a[i] = (float)(bound * ((2 * CounterRandom.Uniform(key, (ulong)i)) - 1));
            }

            B(slot).Clear();
        }
    }

    /// <exception cref="NoosException">A tensor is missing or has another size (Damaged).</exception>
    internal void Load(SafetensorsFile file)
    {
        foreach (var slot in Slots)
        {
            Read(slot.NameOfA, A(slot));
            Read(slot.NameOfB, B(slot));
        }

        void Read(string name, Span<float> values)
        {
            var stored = file.Data(name);
            if (stored.Length != values.Length * sizeof(float))
            {
                throw new NoosException(
                    ErrorKind.Damaged, $"The checkpoint has {stored.Length:N0} bytes for '{name}', not {values.Length * sizeof(float):N0}; "
                    + "delete this checkpoint.");
            }

            stored.CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values));
        }
    }

    internal IEnumerable<SafetensorsEntry> ToEntries()
    {
        foreach (var slot in Slots)
        {
            yield return Entry(slot.NameOfA, [slot.Rank, slot.Columns], slot.OffsetA, slot.LengthOfA);
            yield return Entry(slot.NameOfB, [slot.Rows, slot.Rank], slot.OffsetB, slot.LengthOfB);
        }

        SafetensorsEntry Entry(string name, long[] shape, long offset, long length) => new(
            name, SafetensorsType.F32, shape, stream => stream.Write(BytesAt(offset, length)));
    }

    public void Dispose() => _workspace.Dispose();

    ReadOnlySpan<byte> BytesAt(long offset, long length) => new(Values + offset, checked((int)(length * sizeof(float))));
}
