using System.Globalization;
using Noos.Corpus.Documents;
using Noos.Corpus.Shards;
using Noos.Courses;
using Noos.Courses.Examinations;
using Noos.Factory.Recipes;

namespace Noos.Factory.Stages;

/// <summary>
/// Turns each source into two shards of tokens, one to train on and one to measure with; pretraining, mid-training and fine-tuning read the
/// same. Documents that hold a passage of an examination are left out.
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
        recipe.Sources.Select(source => $"{source.Name} {source.Format}").ToArray(),
        recipe.Sources.SelectMany(source => source.KeyFilesIn(dataFolder)));

    public async Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var readers = DocumentReaderRegistry.CreateDefault();
        var tokenizer = folder.LoadTokenizer();
        Directory.CreateDirectory(folder.Shards);
        var builder = new ShardBuilder(tokenizer, folder.Shards, [new ExaminationFilter(new ExamGuard(courses))]);
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
