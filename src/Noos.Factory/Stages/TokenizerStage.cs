using Noos.Corpus.Documents;
using Noos.Factory.Recipes;
using Noos.Language.Tokenization;

namespace Noos.Factory.Stages;

/// <summary>Trains the vocabulary (byte-level BPE) on a sample of each source.</summary>
/// <param name="folder">Where it is saved.</param>
/// <param name="dataFolder">Holds the sources.</param>
public sealed class TokenizerStage(RecipeFolder folder, string dataFolder) : IStage
{
    public string Name => "tokenizer";

    public IReadOnlyList<string> Inputs => [];

    public IReadOnlyList<string> Outputs => [folder.Tokenizer];

    public StageKey Key(Recipe recipe) => StageKey.From(
        new
        {
            recipe.Tokenizer,
            recipe.Pretrain.Seed,
            Sources = recipe.Sources.Select(source => $"{source.Name} {source.Format} {source.TokenizerMegabytes}"),
        },
        recipe.Sources.Select(source => source.PathIn(dataFolder)));

    public async Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        Tokenizer? tokenizer = null;
        await OwnThread.RunAsync(() => tokenizer = Train(context, cancellationToken), cancellationToken);
        Directory.CreateDirectory(folder.Root);
        tokenizer!.Save(folder.Tokenizer);
    }

    Tokenizer Train(StageContext context, CancellationToken cancellationToken)
    {
        var recipe = context.Recipe;
        var documents = recipe.Sources
            .SelectMany(source => TokenizerSample.Take(source.Open(dataFolder), source.TokenizerMegabytes << 20))
            .Concat(TokenizerSample.ConversationFrames(recipe.Tokenizer.ConversationMegabytes << 20, recipe.Pretrain.Seed))
            .Select(document =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                return document;
            });
        var sampleBytes = (recipe.Sources.Sum(source => source.TokenizerMegabytes) + recipe.Tokenizer.ConversationMegabytes) << 20;
        try
        {
            return BpeTrainer.Train(documents, recipe.Tokenizer.Vocabulary, new TrainingProgress(Name, sampleBytes, context.Progress));
        }
        catch (AggregateException) when (cancellationToken.IsCancellationRequested)
        {
            // The documents are read from several threads, so the cancellation of each comes together with the others.
            throw new OperationCanceledException(cancellationToken);
        }
    }

    // First the sample is counted, then merges are learned.
    sealed class TrainingProgress(string stage, long sampleBytes, IProgress<StageProgress>? progress) : IProgress<TokenizerTrainingProgress>
    {
        public void Report(TokenizerTrainingProgress value) => progress?.Report(value.Merges == 0
            ? new StageProgress(stage, StageState.Running) { Done = value.BytesCounted, Total = sampleBytes, Unit = "bytes" }
            : new StageProgress(stage, StageState.Running) { Done = value.Merges, Total = value.MergesWanted, Unit = "merges" });
    }
}
