using Noos.Language.Gguf;
using Noos.Training.Runs;

namespace Noos.Factory;

/// <summary>Runs the stages of a recipe that are missing or stale, in their order. A stage that was interrupted goes on where it stopped.</summary>
public sealed class RecipeMaker(Recipe recipe, RecipeFolder folder, Func<string> dataFolder, TextWriter log, IProgress<RunProgress>? progress = null)
{
    readonly StageRecord _record = StageRecord.Open(folder);

    /// <returns>Whether everything is made; false when stopped on the way.</returns>
    public async Task<bool> RunAsync(CancellationToken stop)
    {
        var vocabulary = StageRecord.Key(recipe.Tokenizer, SourceFiles(), string.Join('|', recipe.Sources.Select(source => $"{source.Name} {source.Format} {source.TokenizerMegabytes}")));
        await MakeAsync("tokenizer", vocabulary, File.Exists(folder.Tokenizer), () => CorpusStages.TrainTokenizerAsync(recipe, dataFolder(), folder, log, stop));
        var shards = StageRecord.Key(recipe.Sources.Select(source => $"{source.Name} {source.Format}").ToArray(), SourceFiles(), vocabulary);
        await MakeAsync("shards", shards, recipe.Sources.All(source => File.Exists(folder.TrainShard(source.Name))), () => CorpusStages.BuildShardsAsync(recipe, dataFolder(), folder, log, stop));

        // A training run knows by itself whether it is complete, and whether it belongs to these settings and data.
        log.WriteLine("pretrain:");
        if (!PretrainStage.Run(recipe, folder, stop, progress))
        {
            return false;
        }

        var lessons = StageRecord.Key(recipe.Lessons, recipe.Lessons.Sets.Select(set => Path.Combine(dataFolder(), set.Path)), string.Empty);
        await MakeAsync("lessons", lessons, File.Exists(folder.Lessons), () => LessonsStage.RunAsync(recipe, dataFolder(), folder, stop));
        log.WriteLine("sft:");
        if (!FineTuneStage.Run(recipe, folder, stop, progress))
        {
            return false;
        }

        var models = StageRecord.Key(new { recipe.Name, recipe.Licence, recipe.Model, recipe.Pretrain, recipe.FineTune }, [], shards + lessons);
        if (!IsUpToDate("models", models, File.Exists(folder.BaseModel) && File.Exists(folder.Assistant)))
        {
            ExportStage.Run(recipe, folder, assistant: false, GgufTensorType.Q8_0, folder.BaseModel);
            CardStage.WriteBase(recipe, folder, folder.BaseModel);
            ExportStage.Run(recipe, folder, assistant: true, GgufTensorType.Q8_0, folder.Assistant);
            await CardStage.WriteAssistantAsync(recipe, folder, folder.Assistant, log, stop);
            _record.Done("models", models);
        }

        log.WriteLine($"The models and their cards are in {Path.GetDirectoryName(folder.Assistant)}.");
        return true;

        async Task MakeAsync(string stage, string key, bool exists, Func<Task> make)
        {
            stop.ThrowIfCancellationRequested();
            if (!IsUpToDate(stage, key, exists))
            {
                await make();
                _record.Done(stage, key);
            }
        }
    }

    bool IsUpToDate(string stage, string key, bool exists)
    {
        var fresh = exists && _record.IsFresh(stage, key);
        log.WriteLine(fresh ? $"{stage}: up to date." : $"{stage}:");
        return fresh;
    }

    IEnumerable<string> SourceFiles() => recipe.Sources.Select(source => Path.Combine(dataFolder(), source.Path));
}
