using System.Numerics.Tensors;
using Noos.Inference.Kernels.Convolutions;
using Tensor = Noos.Inference.Graphs.Tensors.Tensor;

namespace Noos.Inference.Graphs.Operators;

/// <summary>Convolutions over time (one dimension), and their transposes, which lengthen it.</summary>
static unsafe class ConvolutionOperators
{
    public static void Conv(OperatorCall call)
    {
        var (source, weights) = (call.Input(0), call.Input(1));
        var shape = Geometry.Read(call.Node, source, weights, inputsPerGroup: weights.Rank == 3 ? weights.Dimensions[1] : 0);
        var (batch, channels, length) = (source.Dimensions[0], source.Dimensions[1], source.Dimensions[2]);
        var (outputs, perGroup) = (weights.Dimensions[0], weights.Dimensions[1]);
        if (channels != perGroup * shape.Groups || outputs % shape.Groups != 0)
        {
            throw new FormatException($"{channels} channels do not fit its weights {Tensor.Describe(weights.Dimensions)}");
        }

        var reach = length + shape.Before + shape.After - ((shape.Taps - 1L) * shape.Dilation) - 1;
        var times = reach < 0 ? 0 : checked((int)(reach / shape.Stride)) + 1;
        var result = call.Memory.NewSingles(batch, outputs, times);
        var (bias, slope) = (call.Find(2), call.Node.InputSlope);
        if (shape.Groups == 1 && shape.Stride == 1)
        {
            var packed = Prepare(call.Node, weights, bias, shape);
            Execute(call, packed, source, -shape.Before, slope, result, times);
        }
        else
        {
            ExecuteGroups(call, source, weights, bias, shape, slope, result, times);
        }

        call.Return(result);
    }

    /// <summary>
    /// A transposed convolution with stride s is s convolutions with every s-th tap, one for each phase of the output: they are computed
    /// as one with s times the channels, whose outputs are then interleaved.
    /// </summary>
    public static void ConvTranspose(OperatorCall call)
    {
        var (source, weights) = (call.Input(0), call.Input(1));
        var shape = Geometry.Read(call.Node, source, weights, inputsPerGroup: source.Rank == 3 ? source.Dimensions[1] : 0);
        if (shape.Groups != 1 || shape.Dilation != 1 || weights.Dimensions[0] != source.Dimensions[1])
        {
            throw new FormatException("it has groups, dilations, or weights for other channels, which is not known here");
        }

        var (batch, length, outputs) = (source.Dimensions[0], source.Dimensions[2], weights.Dimensions[1]);
        var more = call.Node.Integers("output_padding") is { Count: > 0 } added ? added[0] : 0;
        var whole = ((length - 1L) * shape.Stride) + shape.Taps - shape.Before - shape.After + more;
        var times = whole is >= 0 and <= int.MaxValue ? (int)whole : throw new FormatException("its output has an impossible length");
        var packed = PrepareTranspose(call.Node, weights, call.Find(2), shape);

        // Each phase has one more place for every tap that begins before the first input.
        var places = length + packed.Taps - 1;
        var phases = call.Memory.NewSingles(batch, packed.Outputs, places);
        Execute(call, packed, source, 1 - packed.Taps, call.Node.InputSlope, phases, places);
        var result = call.Memory.NewSingles(batch, outputs, times);
        var (from, to) = (phases.Elements<float>(), result.Elements<float>());
        call.Run(batch * outputs, unit =>
        {
            var row = to.AsSpan(unit * times, times);
            for (var phase = 0; phase < shape.Stride; phase++)
            {
                var values = from.AsSpan(((unit * shape.Stride) + phase) * places, places);

                // Place p of a phase is time p * stride + phase - padding.
                var first = Math.Max(0, (shape.Before - phase + shape.Stride - 1) / shape.Stride);
                for (var (place, time) = (first, (first * shape.Stride) + phase - shape.Before);
                    place < places && time < times;
                    place++, time += shape.Stride)
                {
                    row[time] = values[place];
                }
            }

            // Only where padding is added is there more than the phases reach.
            var end = ((places - 1L) * shape.Stride) + shape.Stride - shape.Before;
            if (end < times)
            {
                row[(int)Math.Max(end, 0)..].Fill(call.Find(2)?.Singles[unit % outputs] ?? 0);
            }
        });
        call.Memory.Drop(phases);
        call.Return(result);
    }

    /// <summary>Packs constant weights before the first run; weights that are computed are packed in each.</summary>
    public static void PrepareConv(GraphNode node, Tensor? weights, Tensor? bias)
    {
        if (weights is { Rank: 3 })
        {
            var shape = Geometry.Read(node, null, weights, weights.Dimensions[1]);
            if (shape is { Groups: 1, Stride: 1 })
            {
                node.Prepared = Prepare(node, weights, bias, shape);
            }
        }
    }

    /// <inheritdoc cref="PrepareConv"/>
    public static void PrepareConvTranspose(GraphNode node, Tensor? weights, Tensor? bias)
    {
        if (weights is { Rank: 3 })
        {
            node.Prepared = PrepareTranspose(node, weights, bias, Geometry.Read(node, null, weights, weights.Dimensions[0]));
        }
    }

    static PackedConvolution Prepare(GraphNode node, Tensor weights, Tensor? bias, Geometry shape) =>
        node.Prepared as PackedConvolution ?? new PackedConvolution(
            weights.Singles, Bias(bias, weights.Dimensions[0]), weights.Dimensions[0], weights.Dimensions[1], shape.Taps, shape.Dilation);

    static PackedConvolution PrepareTranspose(GraphNode node, Tensor weights, Tensor? bias, Geometry shape)
    {
        if (node.Prepared is PackedConvolution prepared)
        {
            return prepared;
        }

        var (inputs, outputs) = (weights.Dimensions[0], weights.Dimensions[1]);
        var taps = (shape.Taps + shape.Stride - 1) / shape.Stride;
        var from = weights.Singles;
        var values = new float[(long)outputs * shape.Stride * inputs * taps];
        var own = Bias(bias, outputs);
        var biases = new float[own.Length * shape.Stride];
        for (var output = 0; output < outputs * shape.Stride; output++)
        {
            var (channel, phase) = (output / shape.Stride, output % shape.Stride);
            if (biases.Length > 0)
            {
                biases[output] = own[channel];
            }

            for (var input = 0; input < inputs; input++)
            {
                for (var tap = 0; tap < taps; tap++)
                {
                    // The last tap of a phase meets the present input, the one before it the input before.
                    var place = ((taps - 1 - tap) * shape.Stride) + phase;
                    values[(((output * inputs) + input) * taps) + tap] =
                        place < shape.Taps ? from[(((input * outputs) + channel) * shape.Taps) + place] : 0;
                }
            }
        }

        return new PackedConvolution(values, biases, outputs * shape.Stride, inputs, taps, 1);
    }

    static ReadOnlySpan<float> Bias(Tensor? bias, int outputs) => bias is null ? [] : bias.Count == outputs ? bias.Singles
        : throw new FormatException($"it has {bias.Count} biases for {outputs} channels");

    static void Execute(
        OperatorCall call, PackedConvolution packed, Tensor source, int offset, float slope, Tensor result, int times)
    {
        if (packed.Inputs != source.Dimensions[1] || times == 0)
        {
            if (packed.Inputs != source.Dimensions[1])
            {
                throw new FormatException($"{source.Dimensions[1]} channels are given to weights for {packed.Inputs}");
            }

            return;
        }

        var (from, to, length) = (source.Elements<float>(), result.Elements<float>(), source.Dimensions[2]);
        var part = packed.PartLength(times, call.Team.Size);
        var parts = (times + part - 1) / part;
        call.Run(source.Dimensions[0] * parts, unit =>
        {
            var (item, start) = (unit / parts, unit % parts * part);
            fixed (float* input = from)
            fixed (float* output = to)
            {
                packed.Execute(
                    input + ((long)item * packed.Inputs * length), length, offset, slope,
                    output + ((long)item * packed.Outputs * times), times, start, Math.Min(part, times - start));
            }
        });
    }

    /// <summary>Groups and strides: channel by channel. With as many groups as channels (depthwise) that is all there is to do.</summary>
    static void ExecuteGroups(
        OperatorCall call, Tensor source, Tensor weights, Tensor? bias, Geometry shape, float slope, Tensor result, int times)
    {
        var (channels, length, outputs) = (source.Dimensions[1], source.Dimensions[2], weights.Dimensions[0]);
        var (perGroup, outputsPerGroup) = (weights.Dimensions[1], outputs / shape.Groups);
        var own = Bias(bias, outputs).ToArray();
        var (from, factors, to) = (source.Elements<float>(), weights.Elements<float>(), result.Elements<float>());
        call.Run(source.Dimensions[0] * outputs, unit =>
        {
            var (item, output) = (unit / outputs, unit % outputs);
            var row = to.AsSpan(unit * times, times);
            row.Fill(own.Length > 0 ? own[output] : 0);
            var rectified = slope == 1 ? [] : new float[length];
            for (var input = 0; input < perGroup; input++)
            {
                var channel = (item * channels) + (output / outputsPerGroup * perGroup) + input;
                ReadOnlySpan<float> values = from.AsSpan(channel * length, length);
                if (slope != 1)
                {
                    Rectifier.Leaky(values, slope, rectified);
                    values = rectified;
                }

                for (var tap = 0; tap < shape.Taps; tap++)
                {
                    Accumulate(
                        values, factors[(((output * perGroup) + input) * shape.Taps) + tap], (tap * shape.Dilation) - shape.Before,
                        shape.Stride, row);
                }
            }
        });
    }

    /// <summary>row[t] += factor * values[t * stride + offset], where there is such a value.</summary>
    static void Accumulate(ReadOnlySpan<float> values, float factor, int offset, int stride, Span<float> row)
    {
        if (stride == 1)
        {
            var first = Math.Clamp(-offset, 0, row.Length);
            var count = Math.Clamp(values.Length - (first + offset), 0, row.Length - first);
            var target = row.Slice(first, count);
            TensorPrimitives.MultiplyAdd(values.Slice(count > 0 ? first + offset : 0, count), factor, target, target);
            return;
        }

        for (var (time, at) = (0, (long)offset); time < row.Length; time++, at += stride)
        {
            if (at >= 0 && at < values.Length)
            {
                row[time] += factor * values[(int)at];
            }
        }
    }

    /// <summary>The numbers of a convolution over one dimension.</summary>
    readonly record struct Geometry(int Taps, int Stride, int Dilation, int Groups, int Before, int After)
    {
        const int MaxNumber = 1 << 20;

        /// <exception cref="FormatException">It is over another number of dimensions, or a number of it is impossible.</exception>
        public static Geometry Read(GraphNode node, Tensor? source, Tensor weights, int inputsPerGroup)
        {
            if (weights.Rank != 3 || source is { Rank: not 3 })
            {
                throw new FormatException("it is not over one dimension, and only such convolutions are known here");
            }

            if (node.Text("auto_pad", "NOTSET") is not ("NOTSET" or "VALID"))
            {
                throw new FormatException("it leaves its padding open, which is not known here");
            }

            var taps = weights.Dimensions[2];
            var pads = node.Integers("pads");
            var geometry = new Geometry(
                taps, One("strides"), One("dilations"), (int)Math.Clamp(node.Integer("group", 1), 0, MaxNumber), Pad(0), Pad(1));
            return taps >= 1 && geometry is { Stride: >= 1, Dilation: >= 1, Groups: >= 1 } && inputsPerGroup >= 1
                && (long)taps * geometry.Dilation <= MaxNumber
                    ? geometry
                    : throw new FormatException("its kernel, stride, dilation or groups are impossible");

            int One(string name) => node.Integers(name) is { Count: > 0 } given ? (int)Math.Clamp(given[0], 0, MaxNumber) : 1;

            int Pad(int side) => pads is not { Count: 2 } ? 0 : pads[side] is >= 0 and <= MaxNumber ? (int)pads[side]
                : throw new FormatException("its padding is impossible");
        }
    }
}
