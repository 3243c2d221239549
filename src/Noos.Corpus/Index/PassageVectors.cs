using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;
using Noos.Core;

namespace Noos.Corpus.Index;

/// <summary>
/// The vectors that an embedding model made of the passages, kept beside them: of length one, in half precision. The nearest are found by
/// looking at all, some milliseconds for ten thousand.
/// </summary>
public static class PassageVectors
{
    const int BatchSize = 32;

    /// <summary>Makes the vectors of those passages that have none of this model. What is made is kept when it is stopped.</summary>
    /// <param name="index">Writable.</param>
    /// <param name="generator">The model.</param>
    /// <param name="progress">Told how many are made and how many there are to be made.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>How many were made.</returns>
    public static async Task<int> AddAsync(
        SearchIndex index, IEmbeddingGenerator<string, Embedding<float>> generator, IProgress<(int Made, int All)>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(generator);
        var model = ModelOf(generator);
        var missing = FindMissing(index, model);
        var made = 0;
        foreach (var batch in missing.Chunk(BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var vectors = await generator.GenerateAsync(batch.Select(passage => passage.Text), cancellationToken: cancellationToken);
            index.Use(connection =>
            {
                using var transaction = connection.BeginTransaction(deferred: false);
                for (var i = 0; i < batch.Length; i++)
                {
                    // A passage that was removed meanwhile has no vector any more.
                    connection.Execute(
                        """
                        INSERT OR REPLACE INTO vectors (passage, model, vector)
                        SELECT id, $model, $vector FROM passages WHERE id = $passage
                        """,
                        ("$passage", batch[i].Id), ("$model", model), ("$vector", Pack(vectors[i].Vector.Span)));
                }

                transaction.Commit();
                return 0;
            });
            made += batch.Length;
            progress?.Report((made, missing.Count));
        }

        return made;
    }

    /// <summary>What the vectors of a generator are kept under.</summary>
    /// <exception cref="NoosException">The generator does not say which model it is.</exception>
    internal static string ModelOf(IEmbeddingGenerator<string, Embedding<float>> generator) =>
        generator.GetService(typeof(EmbeddingGeneratorMetadata)) is EmbeddingGeneratorMetadata { DefaultModelId: { Length: > 0 } model }
            ? model
            : throw new NoosException("The embedding model has no name, so its vectors cannot be told from those of another; give it one.");

    /// <summary>The passages whose vectors point most nearly in the direction of one.</summary>
    internal static IReadOnlyList<(long Id, Passage Passage, float Similarity)> FindNearest(
        SearchIndex index, string model, ReadOnlyMemory<float> vector, int limit) =>
        index.Use<IReadOnlyList<(long, Passage, float)>>(connection =>
        {
            var wanted = Unit(vector.Span);
            var numbers = new float[wanted.Length];
            var nearest = new PriorityQueue<long, float>();
            using (var command = connection.Prepare("SELECT passage, vector FROM vectors WHERE model = $model", ("$model", model)))
            using (var reader = command.ExecuteReader())
            {
                while (reader.Read())
                {
                    var packed = reader.GetFieldValue<byte[]>(1);
                    // A model that changed its size under the same name is another model.
                    if (packed.Length == 2 * numbers.Length)
                    {
                        TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(packed), numbers);
                        Keep(nearest, reader.GetInt64(0), TensorPrimitives.Dot<float>(wanted, numbers), limit);
                    }
                }
            }

            var found = new List<(long Id, Passage, float Similarity)>();
            while (nearest.TryDequeue(out var id, out var similarity))
            {
                found.Add((id, index.FindWithin(connection, id), similarity));
            }

            found.Reverse();
            return found;
        });

    static void Keep(PriorityQueue<long, float> nearest, long id, float similarity, int limit)
    {
        if (nearest.Count < limit)
        {
            nearest.Enqueue(id, similarity);
        }
        else
        {
            nearest.EnqueueDequeue(id, similarity);
        }
    }

    static List<(long Id, string Text)> FindMissing(SearchIndex index, string model) => index.Use(connection =>
    {
        var missing = new List<(long, string)>();
        using var command = connection.Prepare(
            """
            SELECT w.rowid, w.title || char(10) || w.text FROM words w
            WHERE NOT EXISTS (SELECT 1 FROM vectors v WHERE v.passage = w.rowid AND v.model = $model)
            """,
            ("$model", model));
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            missing.Add((reader.GetInt64(0), reader.GetString(1)));
        }

        return missing;
    });

    static byte[] Pack(ReadOnlySpan<float> vector)
    {
        var packed = new byte[2 * vector.Length];
        TensorPrimitives.ConvertToHalf(Unit(vector), MemoryMarshal.Cast<byte, Half>(packed.AsSpan()));
        return packed;
    }

    static float[] Unit(ReadOnlySpan<float> vector)
    {
        var unit = new float[vector.Length];
        var norm = TensorPrimitives.Norm(vector);
        if (norm > 0)
        {
            TensorPrimitives.Divide(vector, norm, unit);
        }

        return unit;
    }
}
