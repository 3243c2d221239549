using System.Runtime.InteropServices;
using Noos.Core;
using Noos.Corpus.Conversations;
using Noos.Corpus.Documents;
using Noos.Corpus.Rows;
using Noos.Courses.Examinations;
using Noos.Factory.Provenance;
using Noos.Factory.Recipes;
using Noos.Factory.Stages;
using Noos.Language.Gguf;
using Noos.Testing;
using Noos.Tools;
using Noos.Training.Checkpoints;
using Noos.Training.Runs;

namespace Noos.Factory.Tests.Recipes;

/// <summary>The stages of a recipe in this process, as a server would run them: no console, no program.</summary>
public sealed class RecipeLifeTests : IDisposable
{
    static readonly string[] s_stages = ["tokenizer", "shards", "pretrain", "lessons", "sft", "models", "card"];

    readonly TinyRecipe _files = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    RecipeFolder Folder => new(_files.In("out"), "Mini");

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Recipe_is_made_once_and_then_up_to_date()
    {
        var recipe = Recipe.Read(_files.Write()) with
        {
            Card = new RecipeCard { Attribution = "**Thanks**", AssistantLimits = "It knows nothing." },
        };

        var first = await MakeAsync(recipe);
        var second = await MakeAsync(recipe);
        var third = await MakeAsync(recipe with { Card = recipe.Card with { Language = "Latin" } });

        Assert.Equal(s_stages, first.Stages(StageState.Done));
        Assert.Equal(s_stages, second.Stages(StageState.UpToDate));
        Assert.Empty(second.Stages(StageState.Started));
        Assert.Equal(["card"], third.Stages(StageState.Started));
        var checkpoints = CheckpointDocuments.Find(_files.In("out"), address => address == "stories.txt#L1").ToList();
        Assert.All(checkpoints, checkpoint => Assert.Equal(1, checkpoint.Documents));
        var all = CheckpointDocuments.Find(_files.In("out"), _ => true).Where(found => found.Run == Folder.Pretraining).ToList();
        Assert.Equal([2, 3], all.Select(checkpoint => checkpoint.Step));
        Assert.InRange(all[0].Documents, 1, all[1].Documents - 1);
        Assert.Contains(first.All, value => value is { Stage: "pretrain", Unit: "updates", Done: 3, Total: 3 });
        Assert.Contains(first.All, value => value is { Stage: "card", Unit: "questions", Total: > 0 });
        var card = await File.ReadAllTextAsync(Path.ChangeExtension(Folder.Assistant, ".md"), Token);
        Assert.Contains("**Thanks**", card, StringComparison.Ordinal);
        Assert.Contains("context 96)", card, StringComparison.Ordinal);
        Assert.Contains("as Q8_0.", card, StringComparison.Ordinal);
        Assert.Contains("It knows nothing. It reads and writes at most 96 tokens in one conversation. It understands Latin alone.", card,
            StringComparison.Ordinal);
        Assert.DoesNotContain("Llama", card, StringComparison.Ordinal);
        Assert.DoesNotContain("English", card, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_of_public_sets_are_documents_of_the_runs_that_learn_from_them()
    {
        await File.WriteAllLinesAsync(_files.In("set.jsonl"), Enumerable.Range(0, 400).Select(index =>
            $$"""{"category":"open_qa","prompt":"What is thing {{index}} good for?","response":"Thing {{index}} is good for a walk."}"""),
            Token);
        var recipe = Recipe.Read(_files.Write("steps = 3", """
            [mid_train]
            steps = 4
            rows = 2
            plain_every = 0
            chat_every = 2
            [[lessons.sets]]
            name = "dolly"
            path = "set.jsonl"
            """));
        await MakeAsync(recipe);

        var exposed = CheckpointDocuments.Find(_files.In("out"), IsOfSet).ToLookup(found => found.Run);
        Assert.Empty(exposed[Folder.Pretraining]);
        Assert.NotEmpty(exposed[Folder.MidTraining]);
        Assert.True(exposed[Folder.FineTuning].Max(one => one.Documents) > exposed[Folder.MidTraining].Max(one => one.Documents));
        var seen = SeenDocuments.Read(Folder.FineTuning).First(document => IsOfSet(document.Address));
        Assert.Equal(DocumentId.From("dolly", seen.Address).ToString(), seen.Id);
        Assert.Equal("dolly", seen.Source);

        // Lessons that were written anew by another hand have no documents, and are no fault.
        await File.AppendAllTextAsync(Folder.Lessons, "\n", Token);
        Assert.Empty(LessonOrigins.Read(Folder.Lessons));
        await File.WriteAllTextAsync(LessonOrigins.PathFor(Folder.Lessons), "noise", Token);
        Assert.Equal(ErrorKind.Damaged, Assert.Throws<NoosException>(() => LessonOrigins.Read(Folder.Lessons)).Kind);

        static bool IsOfSet(string address) => address.StartsWith("set.jsonl#L", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recipe_with_mid_training_goes_on_from_pretraining_and_fine_tunes_what_comes_of_it()
    {
        var text = _files.Write("steps = 3\ndecay_fraction = 0.0", """
            [mid_train]
            steps = 4
            rows = 2
            plain_every = 3
            chat_every = 3
            [[mid_train.plain]]
            name = "talk"
            count = 100
            """);
        var recipe = Recipe.Read(text);

        var first = await MakeAsync(recipe);
        var longer = new ProgressList();
        await new RecipeMaker([new PretrainStage(Folder)], StageRecord.Open(Folder)).RunAsync(
            new StageContext(recipe with { Pretrain = recipe.Pretrain with { Steps = 5 } }) { Progress = longer }, Token);

        Assert.Equal(
            ["tokenizer", "shards", "pretrain", "lessons", "midtrain", "sft", "models", "card"], first.Stages(StageState.Done));
        Assert.Contains(first.All, value => value is { Stage: "midtrain", Unit: "updates", Done: 4, Total: 4 });
        Assert.NotEqual(Weights(Folder.Pretraining), Weights(Folder.MidTraining));
        Assert.Contains("## Mid-training", await File.ReadAllTextAsync(
            Path.ChangeExtension(Folder.BaseModel, ".md"), Token), StringComparison.Ordinal);

        // What pretraining has seen is in all that was made of its weights.
        var exposed = CheckpointDocuments.Find(_files.In("out"), _ => true).ToLookup(found => found.Run);
        var before = exposed[Folder.Pretraining].Single(found => found.Step == 3).Documents;
        Assert.All(exposed[Folder.MidTraining], found => Assert.True(found.Documents >= before));
        Assert.All(
            exposed[Folder.FineTuning], found => Assert.True(found.Documents >= exposed[Folder.MidTraining].Max(one => one.Documents)));
        Assert.NotEmpty(exposed[Folder.FineTuning]);

        // At a constant rate pretraining may be made longer; what was made of the shorter one is then of other settings.
        Assert.Contains(longer.All, value => value is { Stage: "pretrain", Note: "resumed at step 3" });
        await Assert.ThrowsAsync<NoosException>(() => MakeAsync(recipe with { Pretrain = recipe.Pretrain with { Steps = 5 } }));

        byte[] Weights(string run)
        {
            using var model = CheckpointStore.ReadLatest(run)!.Open(TrainingRun.ModelBlob);
            return model.Data("output_norm.weight").ToArray();
        }
    }

    [Fact]
    public async Task Pretraining_begins_with_the_weights_of_a_file()
    {
        var recipe = Recipe.Read(_files.Write("steps = 3"));
        await MakeAsync(recipe);
        new ModelExport(recipe, Folder).Write(isAssistant: false, GgufTensorType.F32, _files.In("kept.gguf"));
        var again = recipe with { Pretrain = recipe.Pretrain with { InitFrom = "kept.gguf", Steps = 1, Warmup = 1000 } };
        var other = new RecipeFolder(_files.In("other"), "Mini");

        await new RecipeMaker(
                [
                    new TokenizerStage(other, _files.Folder, [.. CourseCatalog.All.Take(2)]), new ShardsStage(other, _files.Folder, [], []),
                    new PretrainStage(other),
                ],
                StageRecord.Open(other))
            .RunAsync(new StageContext(again), Token);

        // One step at a thousandth of the rate: what was kept is hardly changed.
        var (kept, taken) = (Weights(Folder.Pretraining), Weights(other.Pretraining));
        Assert.All(kept.Zip(taken), pair => Assert.Equal(pair.First, pair.Second, tolerance: 1e-4f));
        Assert.NotEqual(kept, taken);

        var wider = again with { Model = again.Model with { FeedForward = again.Model.FeedForward * 2 } };
        Assert.Contains("shape", (await Refused(wider)).Message, StringComparison.Ordinal);
        var missing = again with { Pretrain = again.Pretrain with { InitFrom = "nowhere.gguf" } };
        Assert.Contains("nowhere.gguf", (await Refused(missing)).Message, StringComparison.Ordinal);

        Task<NoosException> Refused(Recipe refused) => Assert.ThrowsAsync<NoosException>(() =>
            new RecipeMaker([new PretrainStage(other)], StageRecord.Open(other)).RunAsync(new StageContext(refused), Token));

        static float[] Weights(string run)
        {
            using var model = CheckpointStore.ReadLatest(run)!.Open(TrainingRun.ModelBlob);
            return MemoryMarshal.Cast<byte, float>(model.Data("blk.0.ffn_down.weight")).ToArray();
        }
    }

    [Fact]
    public async Task Shards_hold_no_passage_of_an_examination()
    {
        var recipe = Recipe.Read(_files.Write());
        var guard = new ExamGuard(CourseCatalog.All);
        var question = guard.Wordings.First(guard.Forbids);
        await File.AppendAllTextAsync(_files.In("stories.txt"), $"\n\nThey asked: {question}\n\nNobody asked anything.\n", Token);
        var progress = new ProgressList();

        await new RecipeMaker(
            [
                new TokenizerStage(Folder, _files.Folder, CourseCatalog.All),
                new ShardsStage(Folder, _files.Folder, ["stories"], CourseCatalog.All),
            ],
            StageRecord.Open(Folder)).RunAsync(new StageContext(recipe) { Progress = progress }, Token);

        Assert.Contains(progress.All, value =>
            value.Note?.EndsWith("(1 documents of examinations left out)", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Unknown_course_of_mid_training_is_named()
    {
        var recipe = Recipe.Read(_files.Write(
            "steps = 3", "[mid_train]\nsteps = 4\nrows = 2\n[[mid_train.plain]]\nname = \"zebra\"\ncount = 1"));

        Assert.Contains("'zebra'", (await Assert.ThrowsAsync<NoosException>(() => MakeAsync(recipe))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopped_training_goes_on_where_it_stopped()
    {
        var recipe = Recipe.Read(_files.Write("steps = 6"));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var progress = new ProgressList
        {
            OnReport = value =>
            {
                if (value is { Stage: "pretrain", Done: 3 })
                {
                    stop.Cancel();
                }
            },
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Maker(recipe).RunAsync(new StageContext(recipe) { Progress = progress }, stop.Token));
        var resumed = new ProgressList();
        var maker = new RecipeMaker([new PretrainStage(Folder)], StageRecord.Open(Folder));
        await maker.RunAsync(new StageContext(recipe) { Progress = resumed }, Token);

        Assert.Equal(["tokenizer", "shards"], progress.Stages(StageState.Done));
        Assert.Equal([4L, 5, 6], resumed.All.Where(value => value.Unit == "updates").Select(value => value.Done));
        Assert.Contains(resumed.All, value => value.Note == "resumed at step 3");
    }

    [Fact]
    public async Task Stopped_tokenizer_leaves_nothing()
    {
        var recipe = Recipe.Read(_files.Write());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var progress = new ProgressList { OnReport = _ => stop.Cancel() };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Maker(recipe).RunAsync(new StageContext(recipe) { Progress = progress }, stop.Token));

        Assert.Equal(["tokenizer"], progress.Stages(StageState.Started));
        Assert.False(File.Exists(Folder.Tokenizer));
    }

    async Task<ProgressList> MakeAsync(Recipe recipe)
    {
        var progress = new ProgressList();
        await Maker(recipe).RunAsync(new StageContext(recipe) { Progress = progress }, Token);
        return progress;
    }

    RecipeMaker Maker(Recipe recipe) => RecipeMaker.Create(recipe, Folder, _files.Folder, [.. CourseCatalog.All.Take(2)]);
}
