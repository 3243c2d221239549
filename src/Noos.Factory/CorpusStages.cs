using Noos.Corpus.Documents;
using Noos.Corpus.Shards;
using Noos.Language.Tokenization;

namespace Noos.Factory;

/// <summary>From text files to a vocabulary, and from both to shards of tokens.</summary>
public static class CorpusStages
{
    public static Tokenizer TrainTokenizer(Recipe recipe, string dataFolder, RecipeFolder folder, TextWriter log)
    {
        log.WriteLine($"Training a vocabulary of {recipe.Tokenizer.Vocabulary} tokens on {recipe.Sources.Count} sources ...");
        var documents = recipe.Sources.SelectMany(source => TokenizerSample.Take(Open(source, dataFolder), source.TokenizerMegabytes << 20))
            .Concat(TokenizerSample.ConversationFrames(recipe.Tokenizer.ConversationMegabytes << 20, recipe.Pretrain.Seed));
        var tokenizer = BpeTrainer.Train(documents, recipe.Tokenizer.Vocabulary);
        Directory.CreateDirectory(folder.Root);
        tokenizer.Save(folder.Tokenizer);
        log.WriteLine($"Saved {folder.Tokenizer} ({tokenizer.VocabularySize} tokens).");
        return tokenizer;
    }

    public static void BuildShards(Recipe recipe, string dataFolder, RecipeFolder folder, TextWriter log, CancellationToken cancellation)
    {
        var tokenizer = folder.LoadTokenizer();
        Directory.CreateDirectory(folder.Shards);
        var builder = new ShardBuilder(tokenizer, folder.Shards);
        foreach (var source in recipe.Sources)
        {
            var result = builder.Build(Open(source, dataFolder), progress: null, cancellation);
            log.WriteLine($"{source.Name}: {result.Train.Tokens:N0} tokens in {result.Train.Documents:N0} documents, {result.HeldOut.Tokens:N0} held out, {(double)result.Train.Utf8Bytes / Math.Max(1, result.Train.Tokens):f2} bytes a token.");
        }
    }

    static DocumentSource Open(RecipeSource source, string dataFolder) => new(source.Name, Path.Combine(dataFolder, source.Path), DocumentFormat.Get(source.Format));
}
