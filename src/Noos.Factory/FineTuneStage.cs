using System.IO.Hashing;
using Noos.Core;
using Noos.Corpus.Conversations;
using Noos.Corpus.Rows;
using Noos.Language.Tokenization;
using Noos.Training.Checkpoints;
using Noos.Training.FineTuning;
using Noos.Training.Model;
using Noos.Training.Runs;

namespace Noos.Factory;

/// <summary>From a base model and conversations to an assistant (SFT): loss on the assistant's words alone.</summary>
public static class FineTuneStage
{
    // Every so-many-th conversation is kept back to judge by.
    const int HeldOutEvery = 500;
    const int HeldOutRows = 32;

    /// <returns>Whether the run is complete.</returns>
    public static bool Run(Recipe recipe, RecipeFolder folder, CancellationToken stop, IProgress<RunProgress>? progress = null)
    {
        var tokenizer = folder.LoadTokenizer();
        var format = new ChatFormat(tokenizer);
        var model = recipe.Model.ToConfig(tokenizer.VocabularySize);
        var rowLength = model.ContextLength + 1;
        using var text = PackedText.Open(recipe, folder, tokenizer, rowLength, (ulong)recipe.FineTune.Seed);
        folder.Require(folder.Lessons, "file of lessons", "lessons");
        var plan = recipe.FineTune.ToPlan(model, $"{FileHash(folder.Lessons)} {text.Fingerprint}").Validate();
        var conversations = ConversationFile.Read(folder.Lessons).Select((conversation, index) => (conversation, IsHeldOut: index % HeldOutEvery == 0)).ToList();
        var lessons = new PackedConversations(new ConversationRows(conversations.Where(item => !item.IsHeldOut).Select(item => item.conversation), format, rowLength, (ulong)plan.Seed));
        var heldOut = new PackedConversations(new ConversationRows(conversations.Where(item => item.IsHeldOut).Select(item => item.conversation), format, rowLength, seed: 1));
        var rows = new MixedRows(lessons, text, recipe.FineTune.PretrainingEvery);
        var description = RunDescriptions.Of(recipe.Name + ": fine-tuning", plan, "Supervised fine-tuning on conversations; the loss counts the assistant's words alone.") with
        {
            Data = new ReportTable(["conversations", "too long", "rows an epoch", "words to learn an epoch (tokens)"],
                [[$"{lessons.Rows.ConversationCount:N0}", $"{lessons.Rows.TooLong:N0}", $"{lessons.Rows.RowsPerEpoch:N0}", $"{lessons.Rows.TargetTokensPerEpoch:N0}"]]),
        };
        var evaluator = new AssistantEvaluator(format, heldOut.First(HeldOutRows), recipe.FineTune.Prompts);
        using var recorder = new RunRecorder(folder.FineTuning, description);
        using var run = new TrainingRun(
            plan,
            folder.FineTuning,
            rows,
            evaluator,
            parameters => LoadBase(parameters, recipe, folder),
            new RunServices { Observer = recorder, Progress = progress });
        run.Run(stop);
        return run.IsComplete;
    }

    static string FileHash(string path)
    {
        using var stream = File.OpenRead(path);
        var hash = new XxHash3();
        hash.Append(stream);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    static void LoadBase(Parameters parameters, Recipe recipe, RecipeFolder folder)
    {
        var checkpoint = CheckpointStore.ReadLatest(folder.Pretraining)
            ?? throw new NoosException($"There is no base model in '{folder.Pretraining}'; train it first: noos pretrain {recipe.File}.");
        using var model = checkpoint.Open(TrainingRun.ModelBlob);
        parameters.Load(model);
    }

    sealed class PackedConversations(ConversationRows rows) : IRowSource
    {
        public ConversationRows Rows => rows;

        public TrainingRow Read(long index)
        {
            var tokens = new int[rows.RowLength];
            var isTarget = new bool[rows.RowLength];
            rows.Read(index, tokens, isTarget);
            return new TrainingRow(tokens, isTarget[1..]);
        }

        public IReadOnlyList<TrainingRow> First(int count) => [.. Enumerable.Range(0, (int)Math.Min(count, rows.RowsPerEpoch)).Select(index => Read(index))];
    }
}
