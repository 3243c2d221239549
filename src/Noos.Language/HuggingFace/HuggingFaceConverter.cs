using System.Runtime.InteropServices;
using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Language.HuggingFace;

/// <summary>
/// Makes a GGUF model of a folder as Hugging Face keeps one: <c>config.json</c>, <c>tokenizer.json</c> or <c>tokenizer.model</c>, and
/// <c>model*.safetensors</c>; of an encoder <c>vocab.txt</c> and the pooling of Sentence Transformers, too. Names, metadata and the
/// order of the rows of queries and keys are those of llama.cpp's converter.
/// </summary>
public static class HuggingFaceConverter
{
    /// <param name="folder">
    /// The folder with a model of <see cref="HuggingFaceDecoder.Known"/>, or with an LFM 2, BERT, ModernBERT, Nomic or Jina 2.
    /// </param>
    /// <param name="output">The file to write or replace; it appears when it is whole.</param>
    /// <param name="mix">What to make of the matrices.</param>
    /// <param name="threads">At most this many threads, at least 1.</param>
    /// <param name="progress">Told a few times a second; on the calling thread.</param>
    /// <param name="cancellationToken">Stops between pieces of work.</param>
    /// <exception cref="NoosException">
    /// The folder lacks something, holds a model of another kind, or the output cannot be written.
    /// </exception>
    public static void Run(
        string folder, string output, QuantizationMix mix, int threads, Action<QuantizationProgress>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(output);
        ArgumentNullException.ThrowIfNull(mix);
        var config = ShapeOf(folder);
        var vocabulary = HuggingFaceVocabulary.Read(folder, config.VocabularySize);
        using var weights = new HuggingFaceWeights(folder);
        var tensors = config.Tensors(weights.Contains)
            .Select(tensor => (Tensor: tensor, Rows: weights.Rows(tensor, out var type), Type: type))
            .ToArray();
        var plan = new QuantizationPlan(mix, config.Architecture, config.BlockCount, config.HeadsPerKeyValueHead, 0);
        var types = plan.Choose(
            tensors.Select(entry =>
                (entry.Tensor.Name, entry.Tensor.Dimensions, IsFloat(entry.Tensor) ? GgufTensorType.F32 : entry.Type)));

        var writer = new GgufWriter();
        writer.Add("general.architecture", config.Architecture);
        writer.Add("general.type", "model");
        writer.Add("general.name", Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))));
        config.AddTo(writer);
        new GenerationConfig(JsonFile.ReadIfThere(Path.Combine(folder, "generation_config.json"))).AddTo(writer);
        writer.Add("general.file_type", mix.FileType);
        writer.Add("general.quantization_version", ModelFile.QuantizationVersion);
        vocabulary.AddTo(writer);
        if (config.RopeFactors() is { } factors)
        {
            writer.AddTensor("rope_freqs.weight", GgufTensorType.F32, [factors.Length], MemoryMarshal.AsBytes<float>(factors));
        }

        var total = tensors.Sum(entry => entry.Tensor.Dimensions.Aggregate((product, dimension) => product * dimension));
        var done = 0L;
        foreach (var (tensor, rows, _) in tensors)
        {
            void Advance(long values) => progress?.Invoke(new QuantizationProgress(tensor.Name, done += values, total));
            var columns = (int)tensor.Dimensions[0];
            var type = IsFloat(tensor) ? GgufTensorType.F32 : types[tensor.Name];
            writer.AddTensor(tensor.Name, type, tensor.Dimensions, stream =>
                RowQuantizer.Write(
                    stream, type, tensor.IsVector ? 1 : tensor.Dimensions[1], columns, rows, Advance, threads, cancellationToken));
        }

        writer.WriteTo(output);
    }

    static IHuggingFaceShape ShapeOf(string folder)
    {
        var file = JsonFile.Read(Path.Combine(folder, "config.json"));
        var pooling = JsonFile.ReadIfThere(Path.Combine(folder, "1_Pooling", "config.json"));
        return JinaBertShape.Fits(file) ? new JinaBertShape(file, pooling) : file.Text("model_type") switch
        {
            HuggingFaceEncoderConfig.ModelType => new HuggingFaceEncoderConfig(file, pooling),
            NomicBertShape.ModelType => new NomicBertShape(file, pooling),
            ModernBertShape.ModelType => new ModernBertShape(file, pooling),
            LfmShape.ModelType => new LfmShape(file),
            _ => new HuggingFaceConfig(file),
        };
    }

    static bool IsFloat(HuggingFaceTensor tensor) => tensor.IsVector || tensor.IsExact;
}
