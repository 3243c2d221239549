using Noos.Core;
using Noos.Inference.Batching;
using Noos.Inference.KeyValues;
using Noos.Inference.PrefixCache;
using Noos.Inference.Weights;
using Noos.Language.Architectures;

namespace Noos.Inference.Embeddings;

/// <summary>Computes text embeddings, a group of texts at a time. Any thread may call it; calls share batches with conversations.</summary>
sealed class TextEmbedder(ModelId model, DecoderConfig config, Engine engine, KeyValuePages pages, PrefixTree prefixes)
{
    // Each text of a group holds keys and values while it is read.
    const int TextsPerGroup = 32;

    /// <inheritdoc cref="LanguageModel.EmbedAsync"/>
    public async Task<float[][]> EmbedAsync(IReadOnlyList<int[]> texts, Pooling pooling, CancellationToken cancellationToken)
    {
        foreach (var tokens in texts)
        {
            EmbeddedText.Check(tokens, model.Name, config.ContextLength, config.VocabularySize);
        }

        var vectors = new List<float[]>(texts.Count);
        foreach (var group in texts.Chunk(TextsPerGroup))
        {
            cancellationToken.ThrowIfCancellationRequested();
            vectors.AddRange(await EmbedGroupAsync(group, pooling));
        }

        return [.. vectors];
    }

    async Task<float[][]> EmbedGroupAsync(int[][] texts, Pooling pooling)
    {
        var caches = new List<KeyValueCache>();
        try
        {
            var outputs = Array.ConvertAll(texts, _ => new PooledOutput(pooling, config.EmbeddingLength));
            var requests = new BatchRequest[texts.Length];
            for (var i = 0; i < texts.Length; i++)
            {
                var cache = new KeyValueCache(pages, prefixes, texts[i].Length);
                caches.Add(cache);
                cache.Reserve(0, texts[i].Length);
                requests[i] = new BatchRequest(texts[i], 0, cache, outputs[i]);
            }

            await engine.RunAsync(requests);
            Array.Find(requests, request => request.Error is not null)?.Error!.Throw();
            return Array.ConvertAll(outputs, output => output.ToVector());
        }
        catch (OutOfMemoryException e)
        {
            throw new NoosException(
                ErrorKind.OutOfMemory,
                $"There is not enough memory for the vectors of {texts.Length} texts of '{model.Name}'; give shorter texts.",
                e);
        }
        finally
        {
            caches.ForEach(cache => cache.Dispose());
        }
    }
}
