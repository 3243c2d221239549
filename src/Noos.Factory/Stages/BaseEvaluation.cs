using Noos.Core;
using Noos.Corpus.Procedural;
using Noos.Corpus.Rows;
using Noos.Corpus.Shards;
using Noos.Factory.Recipes;
using Noos.Language.Tokenization;
using Noos.Training.Model;
using Noos.Training.Pretraining;

namespace Noos.Factory.Stages;

/// <summary>By what a base model is judged while it is trained: held-out text, fixed prompts, and looking back.</summary>
static class BaseEvaluation
{
    // Enough held-out rows for a steady curve, few enough not to slow the run down.
    const int HeldOutRows = 12;
    const int RecallRows = 4;
    const int RecallSeed = 7;

    static readonly int[] s_copyLengths = [8, 32, 100, 200];
    static readonly int[] s_people = [2, 4];

    /// <exception cref="NoosException">A held-out shard is missing or holds no text.</exception>
    public static BaseModelEvaluator Create(
        Recipe recipe, RecipeFolder folder, Tokenizer tokenizer, int context, IReadOnlyList<string> prompts) => new(
        tokenizer,
        [.. recipe.Sources.Select(source => HeldOut(folder.HeldOutShard(source.Name), source.Name, tokenizer, context))],
        prompts,
        recall: RecallTasks(tokenizer, context + 1));

    /// <summary>Copying of random tokens at several distances, and who has what among two and four people with unknown names.</summary>
    static List<RecallTask> RecallTasks(Tokenizer tokenizer, int rowLength)
    {
        var tasks = new List<RecallTask>();
        foreach (var length in s_copyLengths.Where(length => length <= rowLength / 2))
        {
            Add($"copy {length}", new ProceduralOptions { RepeatedShare = 1, RepeatedLength = length, IsExamination = true });
        }

        foreach (var people in s_people)
        {
            Add($"{people} people", new ProceduralOptions
            {
                RepeatedShare = 0,
                Exercises = ["people"],
                People = people,
                IsExamination = true,
            });
        }

        return tasks;

        void Add(string name, ProceduralOptions options)
        {
            var rows = new ProceduralText(new ProceduralRows(tokenizer, rowLength, RecallSeed, options));
            TrainingRow[] read = [.. Enumerable.Range(0, RecallRows).Select(row => rows.Read(row))];

            // Very short rows may have no room for a question.
            if (read.Any(row => row.TargetCount > 0))
            {
                tasks.Add(new RecallTask(name, read));
            }
        }
    }

    /// <summary>Rows of the held-out shard, at most <see cref="HeldOutRows"/>, in a fixed order.</summary>
    static HeldOutSource HeldOut(string path, string name, Tokenizer tokenizer, int context)
    {
        using var shard = ShardFile.Open(path);
        shard.RequireVocabulary(tokenizer);
        var source = new RowSource([(shard, 1.0)], context + 1, seed: 1);
        var rows = new List<TrainingRow>();
        long bytes = 0;
        for (long index = 0; index < Math.Min(HeldOutRows, source.RowsPerEpoch); index++)
        {
            var tokens = new int[context + 1];
            source.Read(index, tokens);

            // The reserved tokens stand for no bytes of text: they are seen, not predicted.
            var isTarget = tokens.Skip(1).Select(token => !tokenizer.IsSpecial(token)).ToArray();
            bytes += tokens.Skip(1).Where(token => !tokenizer.IsSpecial(token)).Sum(token => (long)tokenizer.BytesOf(token).Length);
            rows.Add(new TrainingRow(tokens, isTarget));
        }

        return bytes > 0
            ? new HeldOutSource(name, rows, bytes)
            : throw new NoosException(
                $"The held-out shard '{path}' holds no text; give the source more documents or leave it out of the recipe.");
    }
}
