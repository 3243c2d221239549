using System.Runtime.InteropServices;
using Noos.Core;
using Noos.Language.Models;
using Noos.Language.Safetensors;
using Noos.Training.Torch;
using static TorchSharp.torch;

namespace Noos.Training.Model;

/// <summary>The trained values: one flat tensor, seen as named tensors. Shapes follow <see cref="ParameterLayout"/>.</summary>
public sealed class Parameters : IDisposable
{
    /// <param name="heads">Parameters that an objective adds to the transformer's own.</param>
    public Parameters(TransformerConfig config, IReadOnlyList<HeadParameter>? heads = null)
    {
        TorchRuntime.Initialize();
        Layout = new ParameterLayout(config, heads);
        Values = zeros(Layout.Length, dtype: ScalarType.Float32).DetachFromDisposeScope();
    }

    public ParameterLayout Layout { get; }

    public TransformerConfig Config => Layout.Config;

    /// <summary>All values, flat.</summary>
    public Tensor Values { get; }

    /// <summary>[<see cref="ParameterLayout.Length"/>] where the values lie; fixed for the lifetime of this object.</summary>
    public unsafe float* Memory => Values.FloatPointer();

    /// <summary>A view of one parameter: [rows, columns], or [columns] for a vector.</summary>
    public Tensor View(string name) => View(Values, Layout[name]);

    /// <summary>The same slot in another flat buffer of this layout (gradients, moments).</summary>
    public static Tensor View(Tensor flat, ParameterSlot slot)
    {
        using var range = flat.narrow(0, slot.Offset, slot.Length);
        return slot.IsMatrix ? range.view(slot.Rows, slot.Columns) : range.view(slot.Columns);
    }

    /// <summary>Copies one parameter out, row by row.</summary>
    public unsafe float[] ToArray(string name)
    {
        var slot = Layout[name];
        return new ReadOnlySpan<float>(Memory + slot.Offset, checked((int)slot.Length)).ToArray();
    }

    /// <summary>All values as bytes, for checkpoints.</summary>
    public Span<byte> Bytes => Values.RawBytes();

    /// <summary>The bytes of one parameter.</summary>
    public Span<byte> BytesOf(ParameterSlot slot) =>
        Bytes.Slice(checked((int)(slot.Offset * sizeof(float))), checked((int)(slot.Length * sizeof(float))));

    /// <summary>Takes all values from a file that holds them by name as F32.</summary>
    /// <exception cref="NoosException">A tensor is missing or has another shape or type.</exception>
    public void Load(SafetensorsFile file) => Load(file, Layout.Slots);

    /// <summary>
    /// Takes the transformer's own values from a file and leaves the heads alone: a base model becomes another kind of model.
    /// </summary>
    /// <exception cref="NoosException">A tensor is missing or has another shape or type.</exception>
    public void LoadTransformer(SafetensorsFile file) => Load(file, Layout.TransformerSlots);

    /// <summary>
    /// Fills the values: token embedding N(0, 0.02²); query, key, value, gate and up uniform with standard deviation 1/sqrt(columns);
    /// attention output and feed-forward down zero, so that every block starts as the identity; norm gains one; heads as they ask for it.
    /// </summary>
    public void Initialize(int seed)
    {
        var random = new Random(seed);
        var values = MemoryMarshal.Cast<byte, float>(Bytes);
        foreach (var slot in Layout.TransformerSlots)
        {
            var span = values.Slice((int)slot.Offset, (int)slot.Length);
            if (!slot.IsMatrix)
            {
                span.Fill(1f);
            }
            else if (slot.Name == TensorNames.TokenEmbedding)
            {
                FillNormal(span, 0.02f, random);
            }
            else if (slot.Name.EndsWith("attn_output.weight", StringComparison.Ordinal)
                || slot.Name.EndsWith("ffn_down.weight", StringComparison.Ordinal))
            {
                span.Clear();
            }
            else
            {
                // A uniform value on ±a has the standard deviation a/sqrt(3).
                var bound = MathF.Sqrt(3f / slot.Columns);
                foreach (ref var value in span)
                {
                    value = ((random.NextSingle() * 2f) - 1f) * bound;
                }
            }
        }

        InitializeHeads(seed);
    }

    /// <summary>Fills the parameters that an objective added: normally distributed with the deviation that each asks for.</summary>
    public void InitializeHeads(int seed)
    {
        // Not the sequence that the transformer's weights were drawn from.
        var random = new Random(~seed);
        var values = MemoryMarshal.Cast<byte, float>(Bytes);
        foreach (var head in Layout.Heads)
        {
            var slot = Layout[head.Name];
            FillNormal(values.Slice((int)slot.Offset, (int)slot.Length), head.InitialDeviation, random);
        }
    }

    public void Dispose() => Values.Dispose();

    void Load(SafetensorsFile file, IEnumerable<ParameterSlot> slots)
    {
        foreach (var slot in slots)
        {
            var target = BytesOf(slot);
            if (!file.Contains(slot.Name) || file.Dtype(slot.Name) != SafetensorsType.F32 || file.Data(slot.Name).Length != target.Length)
            {
                throw new NoosException(
                    ErrorKind.Invalid,
                    $"The checkpoint does not hold '{slot.Name}' with {slot.Length:N0} values of type F32; it belongs to a model of "
                    + "another shape.");
            }

            file.Data(slot.Name).CopyTo(target);
        }
    }

    // Box and Muller, 1958.
    static void FillNormal(Span<float> span, float deviation, Random random)
    {
        foreach (ref var value in span)
        {
            var radius = Math.Sqrt(-2.0 * Math.Log(1.0 - random.NextDouble()));
            value = deviation * (float)(radius * Math.Cos(2.0 * Math.PI * random.NextDouble()));
        }
    }
}
