using Noos.Language.Gguf;

namespace Noos.Cli.Recipes;

/// <summary>Runs the stages of a recipe that are missing or stale, in their order. A stage that was interrupted goes on where it stopped.</summary>
public sealed class RecipeMaker(Recipe recipe, RecipeFolder folder, Func<string> dataFolder, TextWriter log)
{
    /// <returns>Whether everything is made; false when stopped on the way.</returns>
    public async Task<bool> RunAsync(CancellationToken stop)
    {
        var record = StageRecord.Open(folder);
        var tokenizerKey = StageRecord.Key(recipe.Tokenizer, SourceFiles(), string.Join('|', recipe.Sources.Select(source => $"{source.Name} {source.Format} {source.TokenizerMegabytes}")));
        Make("tokenizer", tokenizerKey, File.Exists(folder.Tokenizer), () => _ = CorpusStages.TrainTokenizer(recipe, dataFolder(), folder, log));
        var shardsKey = StageRecord.Key(recipe.Sources.Select(source => (source.Name, source.Format).ToString()).ToArray(), SourceFiles(), tokenizerKey);
        Make("shards", shardsKey, recipe.Sources.All(source => File.Exists(folder.TrainShard(source.Name))), () => CorpusStages.BuildShards(recipe, dataFolder(), folder, log, stop));

        log.WriteLine("pretrain:");
        if (!PretrainStage.Run(recipe, folder, stop))
        {
            return false;
        }

        ExportStage.Run(recipe, folder, assistant: false, GgufTensorType.Q8_0, folder.BaseModel);
        CardStage.WriteBase(recipe, folder, folder.BaseModel);
        var lessonsKey = StageRecord.Key(recipe.Lessons, recipe.Lessons.Sets.Select(set => Path.Combine(dataFolder(), set.Path)), "lessons");
        Make("lessons", lessonsKey, File.Exists(folder.Lessons), () => _ = LessonsStage.Run(recipe, dataFolder(), folder));

        log.WriteLine("sft:");
        if (!FineTuneStage.Run(recipe, folder, stop))
        {
            return false;
        }

        ExportStage.Run(recipe, folder, assistant: true, GgufTensorType.Q8_0, folder.Assistant);
        log.WriteLine("examinations:");
        await CardStage.WriteAssistantAsync(recipe, folder, folder.Assistant, log, stop);
        log.WriteLine($"Made {folder.BaseModel} and {folder.Assistant}.");
        return true;

        void Make(string stage, string key, bool exists, Action make)
        {
            stop.ThrowIfCancellationRequested();
            if (exists && record.IsFresh(stage, key))
            {
                log.WriteLine($"{stage}: up to date.");
                return;
            }

            log.WriteLine($"{stage}:");
            make();
            record.Done(stage, key);
        }
    }

    IEnumerable<string> SourceFiles() => recipe.Sources.Select(source => Path.Combine(dataFolder(), source.Path));
}
