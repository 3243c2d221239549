using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Testing.RandomModels;

/// <summary>
/// Writes GGUF files with seeded random weights that llama.cpp loads: normally distributed, of the scale that keeps activations near one.
/// The same arguments always give the same file.
/// </summary>
public static class RandomModelFile
{
    /// <summary>Every matrix of one type (of the nearest that fits its rows), as for tests of that type.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="shape">Architecture and sizes.</param>
    /// <param name="type">One that <see cref="Quantization.Supports"/>.</param>
    /// <param name="seed">Another one gives other weights.</param>
    /// <param name="vocabulary">A GGUF file to take the vocabulary from, or null for a synthetic one.</param>
    /// <param name="template">The chat template; null for none.</param>
    public static void Write(
        string path, RandomModelShape shape, GgufTensorType type, int seed = 1, string? vocabulary = null, string? template = null)
    {
        var fileType = QuantizationMix.All.FirstOrDefault(mix => mix.Type == type)?.FileType ?? 1024;
        Write(path, shape, fileType, tensors => tensors.ToDictionary(
            tensor => tensor.Name,
            tensor => QuantizationPlan.IsQuantizable(tensor.Name, tensor.Dimensions)
                ? QuantizationPlan.Fit(type, tensor.Dimensions[0])
                : GgufTensorType.F32), seed, vocabulary, template);
    }

    /// <summary>The types that llama-quantize would give.</summary>
    /// <inheritdoc cref="Write(string, RandomModelShape, GgufTensorType, int, string?, string?)"/>
    public static void Write(string path, RandomModelShape shape, QuantizationMix mix, int seed = 1, string? vocabulary = null)
    {
        var plan = new QuantizationPlan(
            mix, shape.Architecture, shape.BlockCount, shape.HeadCount / shape.KeyValueHeadCount, shape.ExpertCount);
        Write(path, shape, mix.FileType, tensors =>
            plan.Choose(tensors.Select(tensor => (tensor.Name, tensor.Dimensions, GgufTensorType.F32))), seed, vocabulary);
    }

    static void Write(
        string path,
        RandomModelShape shape,
        uint fileType,
        Func<IReadOnlyList<(string Name, IReadOnlyList<long> Dimensions)>, IReadOnlyDictionary<string, GgufTensorType>> choose,
        int seed,
        string? vocabulary,
        string? template = null)
    {
        var writer = new GgufWriter();
        writer.Add("general.architecture", shape.Architecture);
        writer.Add("general.type", "model");
        writer.Add("general.name", "random weights");
        writer.Add("general.file_type", fileType);
        writer.Add("general.quantization_version", 2u);
        AddShape(writer, shape);
        var vocabularySize = shape.VocabularySize;
        if (vocabulary is null)
        {
            RandomVocabulary.AddSynthetic(writer, vocabularySize);
        }
        else
        {
            vocabularySize = RandomVocabulary.AddFrom(writer, vocabulary, hasTemplate: template is null);
        }

        if (template is not null)
        {
            writer.Add("tokenizer.chat_template", template);
        }

        writer.Add($"{shape.Architecture}.vocab_size", (uint)vocabularySize);
        var tensors = RandomModelTensors.List(shape, vocabularySize).ToArray();
        var types = choose(tensors);
        foreach (var (name, dimensions) in tensors)
        {
            var columns = (int)dimensions[0];
            var rows = dimensions.Skip(1).Aggregate(1L, (product, dimension) => product * dimension);
            var values = new RandomTensor(shape, name, columns, seed);
            writer.AddTensor(name, types[name], dimensions, stream =>
                RowQuantizer.Write(
                    stream, types[name], rows, columns, values.FillRow, written: null, Environment.ProcessorCount, CancellationToken.None));
        }

        writer.WriteTo(path);
    }

    static void AddShape(GgufWriter writer, RandomModelShape shape)
    {
        Add("context_length", (uint)shape.ContextLength);
        Add("embedding_length", (uint)shape.EmbeddingLength);
        Add("block_count", (uint)shape.BlockCount);
        Add("feed_forward_length", (uint)shape.FeedForwardLength);
        Add("attention.head_count", (uint)shape.HeadCount);
        Add("attention.head_count_kv", shape.ConvolutionLength == 0
            ? (GgufValue)(uint)shape.KeyValueHeadCount
            : Enumerable.Range(0, shape.BlockCount).Select(block => shape.IsConvolution(block) ? 0 : shape.KeyValueHeadCount).ToArray());
        Add("attention.key_length", (uint)shape.HeadLength);
        Add("attention.value_length", (uint)shape.HeadLength);
        Add("attention.layer_norm_rms_epsilon", shape.NormEpsilon);
        Add("rope.dimension_count", (uint)(shape.RotaryLength > 0 ? shape.RotaryLength : shape.HeadLength));
        Add("rope.freq_base", shape.RopeFrequencyBase);
        if (shape.SlidingWindow > 0)
        {
            Add("attention.sliding_window", (uint)shape.SlidingWindow);
        }

        if (shape.ExpertCount > 0)
        {
            Add("expert_count", (uint)shape.ExpertCount);
            Add("expert_used_count", (uint)shape.ExpertUsedCount);
            Add("expert_feed_forward_length", (uint)shape.ExpertFeedForwardLength);
        }

        if (shape.DenseBlockCount > 0)
        {
            Add("leading_dense_block_count", (uint)shape.DenseBlockCount);
        }

        if (shape.SharedExpertLength > 0)
        {
            Add("expert_shared_feed_forward_length", (uint)shape.SharedExpertLength);
        }

        if (shape.YarnFactor != 1)
        {
            Add("rope.scaling.type", "yarn");
            Add("rope.scaling.factor", shape.YarnFactor);
            Add("rope.scaling.original_context_length", (uint)Math.Min(shape.OriginalContextLength, shape.ContextLength));
        }

        if (shape.ConvolutionLength > 0)
        {
            Add("shortconv.l_cache", (uint)shape.ConvolutionLength);
        }

        foreach (var (key, value) in shape.Extra)
        {
            Add(key, value);
        }

        void Add(string key, GgufValue value) => writer.Add($"{shape.Architecture}.{key}", value);
    }
}
