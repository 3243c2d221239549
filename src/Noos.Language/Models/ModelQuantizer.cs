using System.Numerics.Tensors;
using Noos.Core;
using Noos.Language.Gguf;

namespace Noos.Language.Models;

/// <summary>
/// Writes a smaller copy of a GGUF model, with the same bytes as llama-quantize. Works tensor by tensor and within a tensor row by row, on
/// all cores, so it takes little memory whatever the size of the model; a split model becomes one file.
/// </summary>
public static unsafe class ModelQuantizer
{
    const string FileTypeKey = "general.file_type";
    const string VersionKey = "general.quantization_version";
    const int CopyBytes = 1 << 24;

    /// <param name="input">A model of any architecture.</param>
    /// <param name="output">The file to write or replace; it appears when it is whole.</param>
    /// <param name="mix">What to make of it.</param>
    /// <param name="requantize">Also from tensors that are quantized already, which loses more than from the original.</param>
    /// <param name="threads">At most this many threads, at least 1.</param>
    /// <param name="progress">Told a few times a second; on the calling thread.</param>
    /// <exception cref="NoosException">The input is damaged or quantized already, or the output cannot be written.</exception>
    public static void Run(
        string input, string output, QuantizationMix mix, bool requantize, int threads, Action<QuantizationProgress>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(output);
        ArgumentNullException.ThrowIfNull(mix);
        using var file = GgufFile.Open(input);
        if (Path.GetFullPath(input) == Path.GetFullPath(output))
        {
            throw new NoosException($"'{output}' is the model to read; give another file to write.");
        }

        GgufTensor[] tensors = [.. file.Tensors];
        Array.Sort(tensors, (one, other) => TensorNames.Compare(one.Name, other.Name));
        var types = Plan(file, mix).Choose(tensors.Select(tensor => (tensor.Name, tensor.Dimensions, tensor.Type)));
        foreach (var tensor in tensors)
        {
            CheckConvertible(file, tensor, types[tensor.Name], requantize);
        }

        var writer = new GgufWriter();
        CopyMetadata(file, writer, mix);
        var total = tensors.Sum(tensor => tensor.Count);
        var done = 0L;
        foreach (var tensor in tensors)
        {
            var type = types[tensor.Name];
            void Advance(long values) => progress?.Invoke(new QuantizationProgress(tensor.Name, done += values, total));
            writer.AddTensor(tensor.Name, type, tensor.Dimensions, stream =>
            {
                if (type == tensor.Type)
                {
                    Copy(file, tensor, stream, cancellationToken);
                    Advance(tensor.Count);
                }
                else
                {
                    Convert(file, tensor, type, stream, threads, Advance, cancellationToken);
                }
            });
        }

        writer.WriteTo(output);
    }

    static QuantizationPlan Plan(GgufFile file, QuantizationMix mix)
    {
        var metadata = new DecoderMetadata(file);
        var architecture = metadata.Architecture ?? throw new NoosException(
            ErrorKind.Damaged, $"The model '{file.Path}' lacks the metadata value 'general.architecture'; download or export it again.");
        var heads = Bounded(metadata.HeadCount);
        var shared = Bounded(metadata.KeyValueHeadCount) is > 0 and var some ? some : heads;
        return new QuantizationPlan(
            mix, architecture, Bounded(metadata.BlockCount), heads / Math.Max(1, shared), Bounded(metadata.ExpertCount));

        // The numbers only steer choices between types: a damaged one must not overflow, and need not be refused.
        static int Bounded(long? value) => (int)Math.Clamp(value ?? 0, 0, 1 << 20);
    }

    static void CheckConvertible(GgufFile file, GgufTensor tensor, GgufTensorType type, bool requantize)
    {
        if (type == tensor.Type)
        {
            return;
        }

        if (!Quantization.Supports(tensor.Type))
        {
            throw new NoosException(
                $"The tensor '{tensor.Name}' of '{file.Path}' is of type {tensor.Type}, which cannot be converted; start from an F16, "
                + "BF16 or F32 model.");
        }

        if (!requantize && tensor.Type is not (GgufTensorType.F32 or GgufTensorType.F16 or GgufTensorType.BF16))
        {
            throw new NoosException(ErrorKind.Refused,
                $"The model '{file.Path}' is quantized already ('{tensor.Name}' is {tensor.Type}); start from an F16, BF16 or F32 "
                + "model, or add --requantize to accept the loss.");
        }

        if (tensor.Dimensions[0] > 1 << 24)
        {
            throw new NoosException(ErrorKind.Damaged,
                $"The tensor '{tensor.Name}' of '{file.Path}' has rows of {tensor.Dimensions[0]:N0} values, more than any model has; "
                + "download it again.");
        }
    }

    static void CopyMetadata(GgufFile file, GgufWriter writer, QuantizationMix mix)
    {
        foreach (var (key, value) in file.Metadata)
        {
            if (key is not (FileTypeKey or VersionKey or GgufFile.AlignmentKey) && !key.StartsWith("split.", StringComparison.Ordinal))
            {
                writer.Add(key, value);
            }
        }

        writer.Add(VersionKey, ModelFile.QuantizationVersion);
        writer.Add(FileTypeKey, mix.FileType);
    }

    static void Copy(GgufFile file, GgufTensor tensor, Stream stream, CancellationToken cancellationToken)
    {
        var start = file.Pointer(tensor);
        for (var position = 0L; position < tensor.ByteLength; position += CopyBytes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            stream.Write(new ReadOnlySpan<byte>(start + position, (int)Math.Min(CopyBytes, tensor.ByteLength - position)));
        }
    }

    static void Convert(GgufFile file, GgufTensor tensor, GgufTensorType type, Stream stream, int threads, Action<long> written,
        CancellationToken cancellationToken)
    {
        var columns = (int)tensor.Dimensions[0];
        var rowBytes = (int)GgufTensorLayout.For(tensor.Type).BytesOf(columns);
        var max = type is GgufTensorType.F32 or GgufTensorType.BF16 or GgufTensorType.MXFP4 ? float.MaxValue : (float)Half.MaxValue;
        var start = (nint)file.Pointer(tensor);
        RowQuantizer.Write(stream, type, tensor.Count / columns, columns, ReadRow, written, threads, cancellationToken);

        void ReadRow(long row, Span<float> values)
        {
            Quantization.Dequantize(tensor.Type, new ReadOnlySpan<byte>((byte*)start + (row * rowBytes), rowBytes), values);
            var largest = MathF.Abs(TensorPrimitives.MaxMagnitude(values));
            if (!float.IsFinite(largest))
            {
                throw new NoosException(ErrorKind.Damaged,
                    $"The tensor '{tensor.Name}' of '{file.Path}' holds values that are not finite, so the model is broken; download "
                    + "or export it again.");
            }

            if (largest > max)
            {
                throw new NoosException(
                    $"The tensor '{tensor.Name}' of '{file.Path}' holds values up to {largest:G4}, too large for type {type}; choose "
                    + "bf16 or f32.");
            }
        }
    }
}
