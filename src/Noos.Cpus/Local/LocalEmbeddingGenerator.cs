using Microsoft.Extensions.AI;
using Noos.Core;
using Noos.Inference.Embeddings;
using Noos.Language.Architectures;

namespace Noos.Cpus.Local;

/// <summary>
/// A local model as a generator of embeddings: hidden states pooled as the file says, of length one. Texts are read together; a vector does
/// not depend on its company. For encoders such as BERT, and for models that read from left to right, such as Qwen3-Embedding. Thread-safe.
/// </summary>
public sealed class LocalEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    readonly IEmbeddingModel _model;
    readonly Pooling? _pooling;
    readonly bool _ownsModel;
    readonly TimeProvider _timeProvider;

    /// <param name="model">Owned if <paramref name="ownsModel"/>: disposed with the generator.</param>
    /// <param name="pooling">Null for what the file says, else the last token.</param>
    /// <param name="ownsModel">False where somebody else disposes the model.</param>
    /// <param name="timeProvider">Says when a vector was made.</param>
    public LocalEmbeddingGenerator(IEmbeddingModel model, Pooling? pooling = null, bool ownsModel = true, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        (_model, _pooling, _ownsModel) = (model, pooling, ownsModel);
        _timeProvider = timeProvider ?? TimeProvider.System;
        Metadata = new EmbeddingGeneratorMetadata("noos", defaultModelId: model.Name, defaultModelDimensions: model.EmbeddingLength);
    }

    public EmbeddingGeneratorMetadata Metadata { get; }

    /// <exception cref="NoosException">A text has no tokens or too many, or more dimensions are asked for than there are.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        int[][] texts = [.. values.Select(Encode)];
        return GenerateAsync(texts, options?.Dimensions, cancellationToken);
    }

    /// <summary>The tokens of a text as the model reads it, for <see cref="GenerateAsync(int[][], int?, CancellationToken)"/>.</summary>
    public int[] Encode(string text) => _model.Tokenizer.EncodeDocument(text);

    /// <summary>The same, cut at its end to what the model reads; the token that stands behind every text stays the last.</summary>
    public int[] EncodeCut(string text)
    {
        var (tokens, max) = (Encode(text), _model.ContextLength);
        return tokens.Length <= max ? tokens
            : _model.Tokenizer.IsSpecial(tokens[^1]) ? [.. tokens.AsSpan(0, max - 1), tokens[^1]]
            : tokens[..max];
    }

    /// <summary>The vectors of texts given as tokens.</summary>
    /// <param name="texts">Tokens of the model's vocabulary.</param>
    /// <param name="dimensions">Only so many of the first numbers, normalized again: right for models that were trained for it.</param>
    /// <param name="cancellationToken">Looked at between groups of texts.</param>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        int[][] texts, int? dimensions = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        if (dimensions is { } wanted && (wanted < 1 || wanted > _model.EmbeddingLength))
        {
            throw new NoosException(
                $"A vector of '{_model.Name}' has between 1 and {_model.EmbeddingLength} dimensions, not {wanted}.")
            {
                Parameter = "dimensions",
            };
        }

        return GenerateAsync();

        async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync()
        {
            var now = _timeProvider.GetUtcNow();
            long tokens = texts.Sum(text => text.Length);
            var vectors = await _model.EmbedAsync(texts, _pooling, cancellationToken);
            return new GeneratedEmbeddings<Embedding<float>>(
                vectors.Select(vector => new Embedding<float>(Shorten(vector, dimensions)) { CreatedAt = now, ModelId = _model.Name }))
            {
                Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens },
            };
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? Metadata
            : serviceType.IsInstanceOfType(_model) ? _model
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    public void Dispose()
    {
        if (_ownsModel)
        {
            _model.Dispose();
        }
    }

    static float[] Shorten(float[] vector, int? dimensions)
    {
        if (dimensions is not { } count || count == vector.Length)
        {
            return vector;
        }

        var first = vector[..count];
        var length = Math.Sqrt(first.Sum(value => (double)value * value));
        return length > 0 ? Array.ConvertAll(first, value => (float)(value / length)) : first;
    }
}
