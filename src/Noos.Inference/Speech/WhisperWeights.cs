using System.Runtime.InteropServices;
using Noos.Core;
using Noos.Inference.Encoders;
using Noos.Inference.Kernels.Panels;
using Noos.Inference.Memory;
using Noos.Inference.Threading;
using Noos.Inference.Weights;
using Noos.Language.Gguf;

namespace Noos.Inference.Speech;

/// <summary>All weights of a Whisper model, packed for the kernels.</summary>
sealed unsafe class WhisperWeights : IDisposable
{
    const int ConvolutionWidth = 3;

    readonly WhisperFile _file;
    readonly KernelTier _maxTier;
    readonly List<Source> _sources = [];
    readonly List<nint> _floats = [];
    LargeMemory? _memory;

    /// <param name="file">The mapped file; must outlive this.</param>
    /// <param name="maxTier">The fastest kernels that may be chosen.</param>
    /// <param name="team">Packs the weights.</param>
    /// <exception cref="NoosException">A tensor is missing or cannot be computed with, or memory is short.</exception>
    public WhisperWeights(WhisperFile file, KernelTier maxTier, ThreadTeam team)
    {
        (_file, _maxTier) = (file, maxTier);
        var config = file.Config;
        var (width, vocabulary) = (config.Width, config.VocabularySize);
        try
        {
            FirstConvolution = Convolution("encoder.conv1", config.MelCount, width);
            SecondConvolution = Convolution("encoder.conv2", width, width);
            AudioPositions = Floats("encoder.positional_embedding", width, config.AudioContext);
            AudioNorm = Norm("encoder.ln_post", width);
            AudioBlocks = new AudioBlock[config.AudioLayerCount];
            for (var block = 0; block < AudioBlocks.Length; block++)
            {
                var prefix = $"encoder.blocks.{block}.";
                AudioBlocks[block] = new AudioBlock(
                    Norm(prefix + "attn_ln", width), Attention(prefix + "attn.", width), Norm(prefix + "mlp_ln", width),
                    Layer(prefix + "mlp.0", config.HiddenWidth, width), Layer(prefix + "mlp.2", width, config.HiddenWidth));
            }

            TextPositions = Floats("decoder.positional_embedding", width, config.TextContext);
            TextNorm = Norm("decoder.ln", width);
            TokenEmbedding = file.Require("decoder.token_embedding.weight", width, vocabulary);
            Output = Matrix(TokenEmbedding, vocabulary, width);
            TextBlocks = new TextBlock[config.TextLayerCount];
            for (var block = 0; block < TextBlocks.Length; block++)
            {
                var prefix = $"decoder.blocks.{block}.";
                TextBlocks[block] = new TextBlock(
                    Norm(prefix + "attn_ln", width), Attention(prefix + "attn.", width), Norm(prefix + "cross_attn_ln", width),
                    Attention(prefix + "cross_attn.", width), Norm(prefix + "mlp_ln", width),
                    Layer(prefix + "mlp.0", config.HiddenWidth, width), Layer(prefix + "mlp.2", width, config.HiddenWidth));
            }

            Pack(team);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>[width, 3 * mels], the columns being three frames one behind the other.</summary>
    public LinearLayer FirstConvolution { get; }

    /// <summary>[width, 3 * width], likewise.</summary>
    public LinearLayer SecondConvolution { get; }

    /// <summary>[audio context, width]</summary>
    public float* AudioPositions { get; }

    public NormWeights AudioNorm { get; }

    public AudioBlock[] AudioBlocks { get; }

    /// <summary>[text context, width]</summary>
    public float* TextPositions { get; }

    public NormWeights TextNorm { get; }

    public GgufTensor TokenEmbedding { get; }

    /// <summary>The same as a matrix, which gives the logits.</summary>
    public WeightMatrix Output { get; }

    public TextBlock[] TextBlocks { get; }

    /// <summary>Writes the vector of a token [width].</summary>
    public void Embed(int token, float* destination)
    {
        var width = (int)TokenEmbedding.Dimensions[0];
        var rowBytes = (int)GgufTensorLayout.For(TokenEmbedding.Type).BytesOf(width);
        Quantization.Dequantize(
            TokenEmbedding.Type, new ReadOnlySpan<byte>(_file.Pointer(TokenEmbedding) + ((long)token * rowBytes), rowBytes),
            new Span<float>(destination, width));
    }

    public void Dispose()
    {
        _memory?.Dispose();
        _floats.ForEach(vector => NativeMemory.AlignedFree((void*)vector));
        _floats.Clear();
    }

    AttentionWeights Attention(string prefix, int width) => new(
        Layer(prefix + "query", width, width), new LinearLayer(Matrix(prefix + "key.weight", width, width), bias: null),
        Layer(prefix + "value", width, width), Layer(prefix + "out", width, width));

    LinearLayer Layer(string name, int rows, int columns) =>
        new(Matrix(name + ".weight", rows, columns), Floats(name + ".bias", rows));

    NormWeights Norm(string name, int width) => new(Floats(name + ".weight", width), Floats(name + ".bias", width));

    WeightMatrix Matrix(string name, int rows, int columns) => Matrix(_file.Require(name, columns, rows), rows, columns);

    WeightMatrix Matrix(GgufTensor tensor, int rows, int columns)
    {
        var kernel = PanelKernels.Best(tensor.Type, _maxTier);
        if (kernel is null || columns % kernel.BlockLength != 0)
        {
            throw Uncomputable(tensor);
        }

        var matrix = new WeightMatrix(kernel, rows, columns);
        _sources.Add(new Source(
            matrix, (nint)_file.Pointer(tensor), GgufTensorLayout.For(tensor.Type).BytesOf(columns)));
        return matrix;
    }

    /// <summary>
    /// A convolution over time as a matrix product. The file has the weights of an input one behind the other; here those of a frame are,
    /// so that three neighbouring frames, as they lie in memory, are one row of input.
    /// </summary>
    LinearLayer Convolution(string name, int inputs, int outputs)
    {
        var source = Floats(name + ".weight", ConvolutionWidth, inputs, outputs);
        var columns = ConvolutionWidth * inputs;
        var ordered = Allocate((long)outputs * columns);
        for (var output = 0; output < outputs; output++)
        {
            for (var input = 0; input < inputs; input++)
            {
                for (var frame = 0; frame < ConvolutionWidth; frame++)
                {
                    ordered[((long)output * columns) + (frame * inputs) + input] =
                        source[((((long)output * inputs) + input) * ConvolutionWidth) + frame];
                }
            }
        }

        var matrix = new WeightMatrix(PanelKernels.Best(GgufTensorType.F32, _maxTier)!, outputs, columns);
        _sources.Add(new Source(matrix, (nint)ordered, (long)columns * sizeof(float)));
        return new LinearLayer(matrix, Floats(name + ".bias", outputs));
    }

    /// <summary>A tensor as aligned floats, however it is stored.</summary>
    float* Floats(string name, params ReadOnlySpan<long> dimensions)
    {
        var tensor = _file.Require(name, dimensions);
        if (!Quantization.Supports(tensor.Type) || tensor.ByteLength > int.MaxValue || tensor.Count > int.MaxValue)
        {
            throw Uncomputable(tensor);
        }

        var floats = Allocate(tensor.Count);
        Quantization.Dequantize(
            tensor.Type, new ReadOnlySpan<byte>(_file.Pointer(tensor), (int)tensor.ByteLength), new Span<float>(floats, (int)tensor.Count));
        return floats;
    }

    float* Allocate(long count)
    {
        var floats = (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), 64);
        _floats.Add((nint)floats);
        return floats;
    }

    void Pack(ThreadTeam team)
    {
        var total = _sources.Sum(source => source.Matrix.ByteCount);
        try
        {
            _memory = new LargeMemory(total);
        }
        catch (OutOfMemoryException e)
        {
            throw new NoosException(
                ErrorKind.OutOfMemory,
                $"The weights of '{_file.Path}' take {total >> 20:N0} MB, which this machine does not have free; use a smaller model.", e);
        }

        var place = _memory.Start;
        foreach (var source in _sources)
        {
            source.Matrix.Place(place);
            place += source.Matrix.ByteCount;
        }

        team.Run(member =>
        {
            foreach (var source in _sources)
            {
                while (team.TryTake(member, source.Matrix.PanelCount, out var panel))
                {
                    source.Matrix.Pack((byte*)source.Start, source.RowBytes, default, panel);
                }

                team.EndPhase(member);
            }
        });
    }

    NoosException Uncomputable(GgufTensor tensor) => new(
        $"The tensor '{tensor.Name}' of '{_file.Path}' is stored as {tensor.Type}, which this engine does not compute with; choose another "
        + "quantization of the model.");

    sealed record Source(WeightMatrix Matrix, nint Start, long RowBytes);
}

/// <summary>The four layers of an attention; keys have no bias.</summary>
sealed record AttentionWeights(LinearLayer Query, LinearLayer Key, LinearLayer Value, LinearLayer Output);

/// <summary>A block of the encoder; its norms stand before what they feed (pre-norm).</summary>
sealed record AudioBlock(NormWeights AttentionNorm, AttentionWeights Attention, NormWeights HiddenNorm, LinearLayer Up, LinearLayer Down);

/// <summary>A block of the decoder, which looks at its own tokens and then at the audio.</summary>
sealed record TextBlock(
    NormWeights AttentionNorm, AttentionWeights Attention, NormWeights CrossNorm, AttentionWeights Cross, NormWeights HiddenNorm,
    LinearLayer Up, LinearLayer Down);
