using Noos.Corpus.Documents;
using Noos.Corpus.Shards;
using Noos.Courses;
using Noos.Language.Tokenization;
using Noos.Tools;

namespace Noos.Factory;

/// <summary>From text files to a vocabulary, and from both to shards of tokens.</summary>
public static class CorpusStages
{
    static readonly DocumentReaderRegistry s_readers = DocumentReaderRegistry.CreateDefault();

    public static async Task<Tokenizer> TrainTokenizerAsync(
        Recipe recipe, string dataFolder, RecipeFolder folder, TextWriter log, CancellationToken cancellationToken)
    {
        log.WriteLine($"Training a vocabulary of {recipe.Tokenizer.Vocabulary} tokens on {recipe.Sources.Count} sources ...");
        // The recipe bounds what is in memory here.
        var documents = new List<ReadOnlyMemory<byte>>();
        foreach (var source in recipe.Sources)
        {
            var sample = TokenizerSample.TakeAsync(Open(source, dataFolder), source.TokenizerMegabytes << 20, cancellationToken);
            documents.AddRange(await sample.ToListAsync(cancellationToken));
        }

        // Every course gets the same share: each has its own words and its own calls.
        foreach (var course in CourseCatalog.All)
        {
            var lessons = course.Lessons(new LessonContext(recipe.Pretrain.Seed), cancellationToken);
            var share = (recipe.Tokenizer.ConversationMegabytes << 20) / CourseCatalog.All.Count;
            var sample = TokenizerSample.RenderConversationsAsync(lessons, share, cancellationToken);
            documents.AddRange(await sample.ToListAsync(cancellationToken));
        }

        var tokenizer = BpeTrainer.Train(documents, recipe.Tokenizer.Vocabulary);
        Directory.CreateDirectory(folder.Root);
        tokenizer.Save(folder.Tokenizer);
        log.WriteLine($"Saved {folder.Tokenizer} ({tokenizer.VocabularySize} tokens).");
        return tokenizer;
    }

    public static async Task BuildShardsAsync(
        Recipe recipe, string dataFolder, RecipeFolder folder, TextWriter log, CancellationToken cancellationToken)
    {
        var tokenizer = folder.LoadTokenizer();
        Directory.CreateDirectory(folder.Shards);
        var builder = new ShardBuilder(tokenizer, folder.Shards);
        foreach (var source in recipe.Sources)
        {
            var result = await builder.BuildAsync(Open(source, dataFolder), progress: null, cancellationToken);
            log.WriteLine($"{source.Name}: {result.Train.Tokens:N0} tokens in {result.Train.Documents:N0} documents, {result.HeldOut.Tokens:N0} held out, {(double)result.Train.Utf8Bytes / Math.Max(1, result.Train.Tokens):f2} bytes a token.");
        }
    }

    static DocumentSource Open(RecipeSource source, string dataFolder) => DocumentSource.FromFile(
        Path.Combine(dataFolder, source.Path),
        s_readers.Get(source.Format),
        new DocumentOrigin(source.Name, source.Path) { Licence = source.Licence.Length > 0 ? source.Licence : null });
}
