using Noos.Core;
using Noos.Factory.Recipes;
using Noos.Factory.Stages;

namespace Noos.Factory.Tests.Recipes;

/// <summary>Which stages run again, and what a failure and a stop leave behind; with stages that only write a file.</summary>
public sealed class RecipeMakerTests : IDisposable
{
    readonly RecipeFolder _folder = new(Directory.CreateTempSubdirectory("noos-maker-").FullName, "Mini");
    readonly FileStage _first;
    readonly FileStage _second;
    readonly FileStage _third;

    public RecipeMakerTests()
    {
        _first = new FileStage(_folder, "first");
        _second = new FileStage(_folder, "second", "first");
        _third = new FileStage(_folder, "third", "second");
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder.Root, recursive: true);

    [Fact]
    public async Task Nothing_changed_runs_nothing()
    {
        await MakeAsync();

        Assert.Empty(await MakeAsync());
    }

    [Fact]
    public async Task Changed_setting_runs_its_stage_and_all_that_read_from_it()
    {
        await MakeAsync();
        _second.Setting = "other";

        Assert.Equal(["second", "third"], await MakeAsync());
    }

    [Fact]
    public async Task Missing_output_is_made_again()
    {
        await MakeAsync();
        File.Delete(_second.Outputs[0]);

        Assert.Equal(["second"], await MakeAsync());
    }

    [Fact]
    public async Task Failed_stage_is_tried_again_and_those_before_it_are_kept()
    {
        _second.Failure = new NoosException("No.");
        await Assert.ThrowsAsync<NoosException>(MakeAsync);
        _second.Failure = null;

        Assert.Equal(["second", "third"], await MakeAsync());
    }

    [Fact]
    public async Task Stage_run_alone_counts_as_made()
    {
        await new RecipeMaker([_first], StageRecord.Open(_folder)).RunAsync(new StageContext(new Recipe()), Token);

        Assert.Equal(["second", "third"], await MakeAsync());
    }

    // A new maker each time, as after a new start of the program.
    async Task<IReadOnlyList<string>> MakeAsync()
    {
        var progress = new ProgressList();
        var maker = new RecipeMaker([_first, _second, _third], StageRecord.Open(_folder));
        await maker.RunAsync(new StageContext(new Recipe()) { Progress = progress }, Token);
        return progress.Stages(StageState.Started);
    }

    sealed class FileStage(RecipeFolder folder, string name, params string[] inputs) : IStage
    {
        public string Setting { get; set; } = "";

        public Exception? Failure { get; set; }

        public string Name => name;

        public IReadOnlyList<string> Inputs => inputs;

        public IReadOnlyList<string> Outputs { get; } = [Path.Combine(folder.Root, name)];

        public StageKey Key(Recipe recipe) => StageKey.From(Setting);

        public Task RunAsync(StageContext context, CancellationToken cancellationToken) =>
            Failure is null ? File.WriteAllTextAsync(Outputs[0], Setting, cancellationToken) : Task.FromException(Failure);
    }
}
