using System.Globalization;
using Noos.Core;
using Noos.Corpus.Documents;
using Noos.Corpus.Shards;
using Noos.Courses;
using Noos.Courses.Examinations;
using Noos.Factory.Recipes;
using Noos.Training.Checkpoints;

namespace Noos.Factory.Stages;

/// <summary>
/// Turns each source into two shards of tokens, one to train on and one to measure with; pretraining, mid-training and fine-tuning read the
/// same. Documents that hold a passage of an examination are left out. A pretraining that is under way can go on with the shards alone that
/// it began with, so that those are not replaced by others.
/// </summary>
/// <param name="folder">Holds the vocabulary; the shards go there.</param>
/// <param name="dataFolder">Holds the sources.</param>
/// <param name="sources">Names of the sources.</param>
/// <param name="courses">All courses; the examinations of all of them are kept out.</param>
public sealed class ShardsStage(
    RecipeFolder folder, string dataFolder, IEnumerable<string> sources, IReadOnlyList<ICourse> courses) : IStage
{
    public string Name => "shards";

    public IReadOnlyList<string> Inputs => ["tokenizer"];

    public IReadOnlyList<string> Outputs { get; } =
        [.. sources.SelectMany(source => new[] { folder.TrainShard(source), folder.HeldOutShard(source) })];

    public StageKey Key(Recipe recipe) => StageKey.From(
        new
        {
            Sources = recipe.Sources.Select(source => $"{source.Name} {source.Format}"),
            Examinations = new ExamGuard(courses).Fingerprint,
        },
        recipe.Sources.SelectMany(source => source.KeyFilesIn(dataFolder)));

    public async Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var readers = DocumentReaderRegistry.CreateDefault();
        var tokenizer = folder.LoadTokenizer();

        // Compared first where a run needs those that are there.
        var run = CheckpointStore.ReadLatest(folder.Pretraining)?.State;
        var isNeeded = run is not null && run.Step < context.Recipe.Pretrain.Steps && Directory.Exists(folder.Shards);
        var target = isNeeded ? folder.Shards + ".new" : folder.Shards;
        Directory.CreateDirectory(target);
        var builder = new ShardBuilder(tokenizer, target, [new ExaminationFilter(new ExamGuard(courses))]);
        foreach (var source in context.Recipe.Sources)
        {
            var result = await builder.BuildAsync(
                source.Open(dataFolder, readers), new BuildProgress(Name, context.Progress), cancellationToken);
            var forbidden = result.Filtered.Sum(count => count.Documents);
            var bytesPerToken = (double)result.Train.Utf8Bytes / Math.Max(1, result.Train.Tokens);
            context.Progress?.Report(new StageProgress(Name, StageState.Running)
            {
                Note = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{source.Name}: {result.Train.Tokens:N0} tokens in {result.Train.Documents:N0} documents, "
                    + $"{result.HeldOut.Tokens:N0} held out, {bytesPerToken:f2} bytes per token "
                    + $"({forbidden:N0} documents of examinations left out)"),
            });
        }

        if (isNeeded)
        {
            Replace(context.Recipe, target, run!.Step);
        }
    }

    /// <summary>Puts shards in the place of those that a run reads, where they hold the same.</summary>
    /// <exception cref="NoosException">They do not: the run could not go on.</exception>
    void Replace(Recipe recipe, string made, long step)
    {
        try
        {
            if (!recipe.Sources.All(source => HoldsSame(
                folder.TrainShard(source.Name), ShardBuilder.TrainPath(made, source.Name))))
            {
                throw new NoosException(
                    ErrorKind.Refused,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The shards would not be the same again: their sources, or the examinations that are kept out of them, have "
                        + $"changed, and the pretraining in '{folder.Pretraining}' (update {step:N0} of {recipe.Pretrain.Steps:N0}) has "
                        + $"read the old ones, which were kept. Finish it with 'noos pretrain {recipe.File}' and make the rest then, or "
                        + $"remove its folder to begin anew with new shards."));
            }

            foreach (var file in Directory.GetFiles(made))
            {
                File.Move(file, Path.Combine(folder.Shards, Path.GetFileName(file)), overwrite: true);
            }
        }
        finally
        {
            Directory.Delete(made, recursive: true);
        }
    }

    static bool HoldsSame(string old, string made)
    {
        if (!File.Exists(old))
        {
            return false;
        }

        using var before = ShardFile.Open(old);
        using var now = ShardFile.Open(made);
        return before.ContentHash == now.ContentHash;
    }

    sealed class BuildProgress(string stage, IProgress<StageProgress>? progress) : IProgress<ShardBuilderResult>
    {
        public void Report(ShardBuilderResult value) => progress?.Report(new StageProgress(stage, StageState.Running)
        {
            Done = value.Train.Documents + value.HeldOut.Documents,
            Unit = "documents",
            Detail = value.Source,
        });
    }
}
