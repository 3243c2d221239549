using Noos.Corpus.Documents;
using Noos.Courses;
using Noos.Factory.Recipes;
using Noos.Language.Tokenization;

namespace Noos.Factory.Stages;

/// <summary>Trains the vocabulary (byte-level BPE) on a sample of each source.</summary>
/// <param name="folder">Where it is saved.</param>
/// <param name="dataFolder">Holds the sources.</param>
/// <param name="courses">A sample of their lessons shows what the frame of a conversation looks like.</param>
public sealed class TokenizerStage(RecipeFolder folder, string dataFolder, IReadOnlyList<ICourse> courses) : IStage
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
        recipe.Sources.SelectMany(source => source.KeyFilesIn(dataFolder)));

    public async Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var documents = await SampleAsync(context, cancellationToken);
        Tokenizer? tokenizer = null;
        await OwnThread.RunAsync(() => tokenizer = Train(documents, context, cancellationToken), cancellationToken);
        Directory.CreateDirectory(folder.Root);
        tokenizer!.Save(folder.Tokenizer);
    }

    /// <summary>What the vocabulary is trained on; the recipe bounds its size, so it may lie in memory.</summary>
    async Task<IReadOnlyList<ReadOnlyMemory<byte>>> SampleAsync(StageContext context, CancellationToken cancellationToken)
    {
        var recipe = context.Recipe;
        var readers = DocumentReaderRegistry.CreateDefault();
        var documents = new List<ReadOnlyMemory<byte>>();
        foreach (var source in recipe.Sources)
        {
            var sample = TokenizerSample.TakeAsync(source.Open(dataFolder, readers), source.TokenizerMegabytes << 20, cancellationToken);
            documents.AddRange(await sample.ToListAsync(cancellationToken));
        }

        // Every course gets the same share: each has its own words and its own calls.
        foreach (var course in courses)
        {
            var lessons = course.Lessons(new LessonContext(recipe.Pretrain.Seed), cancellationToken);
            var share = (recipe.Tokenizer.ConversationMegabytes << 20) / courses.Count;
            documents.AddRange(
                await TokenizerSample.RenderConversationsAsync(lessons, share, cancellationToken).ToListAsync(cancellationToken));
        }

        return documents;
    }

    Tokenizer Train(IReadOnlyList<ReadOnlyMemory<byte>> sample, StageContext context, CancellationToken cancellationToken)
    {
        var documents = sample.Select(document =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            return document;
        });
        try
        {
            return BpeTrainer.Train(documents, context.Recipe.Tokenizer.Vocabulary,
                new TrainingProgress(Name, sample.Sum(document => (long)document.Length), context.Progress));
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
