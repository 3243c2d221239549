using Noos.Core;
using Noos.Core.Conversations;
using Noos.Corpus.Conversations;
using Noos.Corpus.Rows;
using Noos.Courses;
using Noos.Courses.Examinations;
using Noos.Factory.Recipes;
using Noos.Language.Tokenization;
using Noos.Training.Checkpoints;
using Noos.Training.FineTuning;
using Noos.Training.Runs;

namespace Noos.Factory.Stages;

/// <summary>
/// Mid-training (annealing): the base model goes on with a falling rate, on text with lessons among it, some as plain text and some in the
/// frame of conversations, so that it can read before it is made an assistant. Its weights are those of pretraining, its optimizer begins
/// anew. A recipe without it has nothing to do here.
/// </summary>
/// <param name="folder">Holds pretraining, vocabulary, shards and lessons; the run is kept there.</param>
/// <param name="courses">All courses; the examinations of all of them are kept out.</param>
public sealed class MidTrainStage(RecipeFolder folder, IReadOnlyList<ICourse> courses) : TrainingStage
{
    public override string Name => "midtrain";

    public override IReadOnlyList<string> Inputs => ["tokenizer", "shards", "pretrain", "lessons"];

    public override IReadOnlyList<string> Outputs => [folder.MidTraining];

    public override StageKey Key(Recipe recipe) => StageKey.From(new { recipe.MidTrain, recipe.Procedural });

    /// <exception cref="NoosException">The recipe has no mid-training, or a stage before it is missing.</exception>
    protected override bool Train(StageContext context, CancellationToken cancellationToken)
    {
        var recipe = context.Recipe;
        var settings = recipe.MidTrain
            ?? throw new NoosException($"The recipe {recipe.File} has no mid-training; write a [mid_train] table into it.");
        var tokenizer = folder.LoadTokenizer();
        var model = recipe.Model.ToConfig(tokenizer.VocabularySize);
        var rowLength = model.ContextLength + 1;
        folder.Require(folder.Lessons, "file of lessons", "lessons");

        // Other rows than those that pretraining began with.
        var seed = (ulong)settings.Seed;
        using var text = PackedText.Open(recipe, folder, tokenizer, rowLength, Permutation.Mix(seed, 3));
        var procedural = (recipe.Procedural?.Validate() ?? new RecipeProcedural { Every = 0 }) with { WarmupRows = 0 };
        var plain = settings.PlainEvery == 0 ? null : new PackedConversations(new ConversationRows(
            PlainLessons(settings, cancellationToken), new PlainFormat(tokenizer), rowLength, Permutation.Mix(seed, 4)));
        var chat = settings.ChatEvery == 0 ? null : new PackedConversations(new ConversationRows(
            ConversationFile.Read(folder.Lessons), new ChatFormat(tokenizer), rowLength, Permutation.Mix(seed, 5)));
        var plan = settings.ToPlan(model, string.Join(
            ' ', $"base {CheckpointStore.ReadLatest(folder.Pretraining)?.State.Step}", PackedConversations.FileHash(folder.Lessons),
            text.Fingerprint, procedural.Fingerprint, settings.PlainEvery, settings.ChatEvery,
            string.Join(',', settings.Plain.Select(course => $"{course.Name} {course.Count}")))).Validate();
        var description = TrainingDescription.For(recipe.Name + ": mid-training", plan, "Next-token prediction on text and lessons.") with
        {
            Data = new ReportTable(
                ["rows", "share", "rows per epoch"],
                [
                    ["exercises", Share(procedural.Every), "endless"],
                    ["lessons as plain text", Share(settings.PlainEvery), $"{plain?.Rows.RowsPerEpoch:N0}"],
                    ["conversations", Share(settings.ChatEvery), $"{chat?.Rows.RowsPerEpoch:N0}"],
                ]),
        };
        var rows = ProceduralText.Mix(text, procedural, tokenizer, rowLength, Permutation.Mix(seed, 6));
        rows = plain is null ? rows : new MixedRows(rows, plain, settings.PlainEvery);
        rows = chat is null ? rows : new MixedRows(rows, chat, settings.ChatEvery);
        text.WriteDocuments(
            folder.MidTraining, plan.Steps * plan.RowsPerStep,
            row => MixedRows.RowOfConversations(
                MixedRows.RowOfConversations(procedural.RunRowOf(row), settings.PlainEvery), settings.ChatEvery),
            folder.Pretraining,
            chat is null ? null : new SeenLessons(
                chat.Rows, LessonOrigins.Read(folder.Lessons), PackedConversations.FileHash(folder.Lessons),
                row => MixedRows.RowOfPretraining(row, settings.ChatEvery)));
        using var recorder = new RunRecorder(folder.MidTraining, description);
        using var run = new TrainingRun(
            plan,
            folder.MidTraining,
            rows,
            BaseEvaluation.Create(recipe, folder, tokenizer, model.ContextLength, settings.Prompts),
            parameters => LoadWeights(parameters, folder.Pretraining, recipe),
            Services(recorder, context));
        run.Run(cancellationToken);
        return run.IsComplete;

        static string Share(int every) => every > 0 ? $"one in {every}" : "none";
    }

    List<Conversation> PlainLessons(RecipeMidTraining settings, CancellationToken cancellationToken)
    {
        var guard = new ExamGuard(courses);
        var lessons = new List<Conversation>();
        foreach (var entry in settings.Plain)
        {
            var course = courses.FirstOrDefault(known => known.Name == entry.Name) ?? throw new NoosException(
                ErrorKind.NotFound,
                $"There is no course '{entry.Name}'; the courses are {string.Join(", ", courses.Select(known => known.Name))}.");

            // Another seed than that of the lessons for fine-tuning.
            lessons.AddRange(course.Lessons(new LessonContext(settings.Seed + 1000), cancellationToken)
                .Where(lesson => !guard.Forbids(lesson)).Take(entry.Count).ToBlockingEnumerable(cancellationToken));
        }

        return lessons.Count > 0 ? lessons : throw new NoosException(
            "[[mid_train.plain]] of the recipe names no course; name one, or write plain_every = 0 under [mid_train].");
    }
}
