using Noos.Core;
using Noos.Corpus.Procedural;
using Noos.Corpus.Rows;
using Noos.Corpus.Shards;
using Noos.Factory.Recipes;
using Noos.Language.Tokenization;
using Noos.Training.Model;
using Noos.Training.Pretraining;
using Noos.Training.Runs;

namespace Noos.Factory.Stages;

/// <summary>From shards to a base model by next-token prediction.</summary>
/// <param name="folder">Holds vocabulary and shards; the run is kept there.</param>
public sealed class PretrainStage(RecipeFolder folder) : TrainingStage
{
    // Enough held-out rows for a steady curve, few enough not to slow the run down.
    const int HeldOutRows = 12;
    const int RecallRows = 4;
    const int RecallSeed = 7;

    static readonly int[] s_copyLengths = [8, 32, 100, 200];
    static readonly int[] s_people = [2, 4];

    public override string Name => "pretrain";

    public override IReadOnlyList<string> Inputs => ["tokenizer", "shards"];

    public override IReadOnlyList<string> Outputs => [folder.Pretraining];

    public override StageKey Key(Recipe recipe)
    {
        var passes = recipe.Sources.Select(source => $"{source.Name} {source.Passes}");

        // Without procedural rows the key is what it was before there were any.
        return recipe.Procedural is { } procedural
            ? StageKey.From(new { recipe.Model, recipe.Pretrain, Passes = passes, procedural })
            : StageKey.From(new { recipe.Model, recipe.Pretrain, Passes = passes });
    }

    protected override bool Train(StageContext context, CancellationToken cancellationToken)
    {
        var recipe = context.Recipe;
        var tokenizer = folder.LoadTokenizer();
        var model = recipe.Model.ToConfig(tokenizer.VocabularySize);
        using var text = PackedText.Open(recipe, folder, tokenizer, model.ContextLength + 1, (ulong)recipe.Pretrain.Seed);
        var procedural = recipe.Procedural?.Validate();
        var plan = recipe.Pretrain.ToPlan(model, text.Fingerprint + procedural?.Fingerprint).Validate();
        var heldOut = recipe.Sources
            .Select(source => HeldOut(folder.HeldOutShard(source.Name), source.Name, tokenizer, plan.Model.ContextLength)).ToList();
        var description = TrainingDescription.For(recipe.Name + ": pretraining", plan, "Next-token prediction on packed text.") with
        {
            Data = new ReportTable(
                ["source", "tokens", "passes", "licence"],
                [.. recipe.Sources.Zip(text.Shards, (source, shard) =>
                    (IReadOnlyList<string>)[source.Name, $"{shard.TokenCount:N0}", $"{source.Passes}", source.Licence])]),
        };
        using var recorder = new RunRecorder(folder.Pretraining, description);
        using var run = new TrainingRun(
            plan,
            folder.Pretraining,
            procedural is null ? text : ProceduralText.Mix(text, procedural, tokenizer, model.ContextLength + 1, (ulong)plan.Seed),
            new BaseModelEvaluator(tokenizer, heldOut, recipe.Pretrain.Prompts, recall: RecallTasks(tokenizer, model.ContextLength + 1)),
            parameters => parameters.Initialize(plan.Seed),
            Services(recorder, context));
        run.Run(cancellationToken);
        return run.IsComplete;
    }

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
