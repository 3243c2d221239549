using Noos.Corpus.Conversations;
using Noos.Corpus.Rows;
using Noos.Factory.Recipes;
using Noos.Language.Tokenization;
using Noos.Training.FineTuning;
using Noos.Training.Runs;

namespace Noos.Factory.Stages;

/// <summary>From a base model and conversations to an assistant (SFT): loss on the assistant's words alone.</summary>
/// <param name="folder">Holds the base model, vocabulary, shards and lessons; the run is kept there.</param>
public sealed class FineTuneStage(RecipeFolder folder) : TrainingStage
{
    // Every so-many-th conversation is kept back to judge by.
    const int HeldOutEvery = 500;
    const int HeldOutRows = 32;

    public override string Name => "sft";

    public override IReadOnlyList<string> Inputs => ["tokenizer", "shards", "pretrain", "lessons"];

    public override IReadOnlyList<string> Outputs => [folder.FineTuning];

    public override StageKey Key(Recipe recipe) => recipe.MidTrain is { } middle
        ? StageKey.From(new { recipe.FineTune, middle })
        : StageKey.From(recipe.FineTune);

    protected override bool Train(StageContext context, CancellationToken cancellationToken)
    {
        var recipe = context.Recipe;
        var tokenizer = folder.LoadTokenizer();
        var format = new ChatFormat(tokenizer);
        var model = recipe.Model.ToConfig(tokenizer.VocabularySize);
        var rowLength = model.ContextLength + 1;
        using var text = PackedText.Open(recipe, folder, tokenizer, rowLength, (ulong)recipe.FineTune.Seed);
        folder.Require(folder.Lessons, "file of lessons", "lessons");
        var plan = recipe.FineTune.ToPlan(model, $"{PackedConversations.FileHash(folder.Lessons)} {text.Fingerprint}").Validate();
        var conversations = ConversationFile.Read(folder.Lessons)
            .Select((conversation, index) => (Conversation: conversation, IsHeldOut: index % HeldOutEvery == 0))
            .ToLookup(item => item.IsHeldOut, item => item.Conversation);
        var lessons = new PackedConversations(new ConversationRows(conversations[false], format, rowLength, (ulong)plan.Seed));
        var heldOut = new PackedConversations(new ConversationRows(conversations[true], format, rowLength, seed: 1));

        // From places in the file to places among those that are learned: every begun HeldOutEvery has one held back before it.
        var origins = LessonOrigins.Read(folder.Lessons).Where(pair => pair.Key % HeldOutEvery != 0)
            .ToDictionary(pair => pair.Key - (pair.Key / HeldOutEvery) - 1, pair => pair.Value);
        const string Summary = "Supervised fine-tuning on conversations; the loss counts the assistant's words alone.";
        var description = TrainingDescription.For(recipe.Name + ": fine-tuning", plan, Summary) with
        {
            Data = new ReportTable(
                ["conversations", "too long", "rows per epoch", "words to learn per epoch (tokens)"],
                [[$"{lessons.Rows.ConversationCount:N0}", $"{lessons.Rows.TooLong:N0}", $"{lessons.Rows.RowsPerEpoch:N0}",
                    $"{lessons.Rows.TargetTokensPerEpoch:N0}"]]),
        };
        text.WriteDocuments(
            folder.FineTuning, plan.Steps * plan.RowsPerStep,
            row => MixedRows.RowOfPretraining(row, recipe.FineTune.PretrainingEvery), folder.BaseRun(recipe),
            new SeenLessons(
                lessons.Rows, origins, PackedConversations.FileHash(folder.Lessons),
                row => MixedRows.RowOfConversations(row, recipe.FineTune.PretrainingEvery)));
        using var recorder = new RunRecorder(folder.FineTuning, description);
        using var run = new TrainingRun(
            plan,
            folder.FineTuning,
            new MixedRows(lessons, text, recipe.FineTune.PretrainingEvery),
            new AssistantEvaluator(format, heldOut.First(HeldOutRows), recipe.FineTune.Prompts),
            parameters => LoadWeights(parameters, folder.BaseRun(recipe), recipe),
            Services(recorder, context));
        run.Run(cancellationToken);
        return run.IsComplete;
    }
}
