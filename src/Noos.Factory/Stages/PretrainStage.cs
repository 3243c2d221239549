using Noos.Corpus.Rows;
using Noos.Factory.Recipes;
using Noos.Training.Distributed;
using Noos.Training.Runs;

namespace Noos.Factory.Stages;

/// <summary>From shards to a base model by next-token prediction.</summary>
/// <param name="folder">Holds vocabulary and shards; the run is kept there.</param>
public sealed class PretrainStage(RecipeFolder folder) : TrainingStage
{
    /// <summary>Worker processes that compute the gradients; null for threads of this one. Changes nothing that is computed.</summary>
    public DistributedOptions? Distributed { get; init; }

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
        using var initial = recipe.Pretrain.OpenInitial(recipe.File, model, tokenizer);

        // Other rows than those that the weights may have begun with; the seed itself shapes the vocabulary, too.
        var seed = (ulong)recipe.Pretrain.Seed;
        var order = initial is null ? seed : Permutation.Mix(seed, Convert.ToUInt64(initial.Fingerprint, 16));
        using var text = PackedText.Open(recipe, folder, tokenizer, model.ContextLength + 1, order);
        var procedural = recipe.Procedural?.Validate();
        var plan = recipe.Pretrain.ToPlan(model, text.Fingerprint + procedural?.Fingerprint + initial?.Fingerprint).Validate();
        var description = TrainingDescription.For(recipe.Name + ": pretraining", plan, "Next-token prediction on packed text.") with
        {
            Data = new ReportTable(
                ["source", "tokens", "passes", "licence"],
                [.. recipe.Sources.Zip(text.Shards, (source, shard) =>
                    (IReadOnlyList<string>)[source.Name, $"{shard.TokenCount:N0}", $"{source.Passes}", source.Licence])]),
        };
        text.WriteDocuments(folder.Pretraining, plan.Steps * plan.RowsPerStep, row => procedural?.RunRowOf(row) ?? row);
        using var recorder = new RunRecorder(folder.Pretraining, description);
        using var run = new TrainingRun(
            plan,
            folder.Pretraining,
            procedural is null ? text : ProceduralText.Mix(text, procedural, tokenizer, model.ContextLength + 1, order),
            BaseEvaluation.Create(recipe, folder, tokenizer, model.ContextLength, recipe.Pretrain.Prompts),
            parameters =>
            {
                parameters.Initialize(plan.Seed);
                initial?.Load(parameters);
            },
            Distribute(Services(recorder, context), context));
        run.Run(cancellationToken);
        return run.IsComplete;
    }

    RunServices Distribute(RunServices services, StageContext context)
    {
        if (Distributed is not { } options)
        {
            return services;
        }

        return services with
        {
            WritesBesideTraining = true,
            CheckpointShards = Math.Max(1, options.Workers),
            Gradients = (plan, parameters, note) =>
            {
                var gradients = new DistributedGradients(
                    plan, parameters, options, incident => note(incident.Message), context.TimeProvider);
                context.Progress?.Report(new StageProgress(Name, StageState.Running)
                {
                    Note = $"workers join at {gradients.Address} with the key {options.KeyFile}",
                });
                return gradients;
            },
        };
    }
}
