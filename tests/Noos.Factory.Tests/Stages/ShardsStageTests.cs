using Noos.Core;
using Noos.Courses;
using Noos.Factory.Recipes;
using Noos.Factory.Stages;
using Noos.Testing;
using Noos.Tools;
using Noos.Training.Checkpoints;

namespace Noos.Factory.Tests.Stages;

/// <summary>When shards are made again, and what a pretraining that has read the old ones says.</summary>
public sealed class ShardsStageTests : IDisposable
{
    readonly TinyRecipe _files = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    RecipeFolder Folder => new(_files.In("out"), "Mini");

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Other_examinations_are_other_shards()
    {
        var recipe = Recipe.Read(_files.Write());
        ICourse[] courses = [.. CourseCatalog.All.Take(2)];

        Assert.Equal(Shards(courses).Key(recipe), Shards([.. courses.Reverse()]).Key(recipe));
        Assert.NotEqual(Shards(courses).Key(recipe), Shards([courses[0]]).Key(recipe));
    }

    [Fact]
    public async Task Run_that_is_under_way_keeps_its_shards_and_says_so()
    {
        var recipe = Recipe.Read(_files.Write("steps = 2\ndecay_fraction = 0.0"));
        var longer = recipe with { Pretrain = recipe.Pretrain with { Steps = 4 } };
        await MakeAsync(
            recipe, new TokenizerStage(Folder, _files.Folder, [.. CourseCatalog.All.Take(2)]), Shards([]), new PretrainStage(Folder));
        var before = await File.ReadAllBytesAsync(Folder.TrainShard("stories"), Token);

        // Made again of the same, they are the same, and the run goes on.
        await MakeAsync(longer, Shards([CourseCatalog.All[0]]));
        Assert.Equal(before, await File.ReadAllBytesAsync(Folder.TrainShard("stories"), Token));

        await File.AppendAllTextAsync(_files.In("stories.txt"), "\nA horse came by that nobody had seen before.\n\n", Token);
        var refused = await Assert.ThrowsAsync<NoosException>(() => MakeAsync(longer, Shards([])));
        Assert.Contains("update 2 of 4", refused.Message, StringComparison.Ordinal);
        Assert.Contains("noos pretrain", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(Folder.TrainShard("stories"), Token));
        Assert.False(Directory.Exists(Folder.Shards + ".new"));

        await MakeAsync(longer, new PretrainStage(Folder));
        Assert.Equal(4, CheckpointStore.ReadLatest(Folder.Pretraining)!.State.Step);

        // One that is complete stands in nobody's way, but does not go on with other text, nor lose the list of its own.
        await MakeAsync(longer, Shards([]));
        Assert.NotEqual(before, await File.ReadAllBytesAsync(Folder.TrainShard("stories"), Token));
        var documents = await File.ReadAllBytesAsync(Path.Combine(Folder.Pretraining, "documents.jsonl.zst"), Token);
        refused = await Assert.ThrowsAsync<NoosException>(() => MakeAsync(longer, new PretrainStage(Folder)));
        Assert.Contains("other shards", refused.Message, StringComparison.Ordinal);
        Assert.Equal(documents, await File.ReadAllBytesAsync(Path.Combine(Folder.Pretraining, "documents.jsonl.zst"), Token));
    }

    ShardsStage Shards(IReadOnlyList<ICourse> courses) => new(Folder, _files.Folder, ["stories"], courses);

    Task MakeAsync(Recipe recipe, params IReadOnlyList<IStage> stages) =>
        new RecipeMaker(stages, StageRecord.Open(Folder)).RunAsync(new StageContext(recipe), Token);
}
