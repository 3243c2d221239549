using System.Runtime.InteropServices;
using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Language.Tokenization;
using Noos.Training.Checkpoints;
using Noos.Training.Runs;

namespace Noos.Factory;

/// <summary>From the newest checkpoint of a run to a GGUF file that any engine of that format can run.</summary>
public static class ExportStage
{
    /// <returns>The step of the checkpoint.</returns>
    /// <exception cref="NoosException">There is no checkpoint yet, or the file cannot be written.</exception>
    public static long Run(Recipe recipe, RecipeFolder folder, bool assistant, GgufTensorType type, string path)
    {
        var tokenizer = folder.LoadTokenizer();
        var run = assistant ? folder.FineTuning : folder.Pretraining;
        var checkpoint = CheckpointStore.ReadLatest(run) ?? throw new NoosException($"There is no complete checkpoint in '{run}'; train first: noos {(assistant ? "sft" : "pretrain")} {recipe.File}.");
        var info = new ModelInfo(assistant ? recipe.Name : recipe.Name + "-base")
        {
            Author = "The Noos authors",
            License = recipe.Licence,
            ChatTemplate = assistant ? ChatFormat.JinjaTemplate : null,
        };
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } target)
        {
            Directory.CreateDirectory(target);
        }

        using var model = checkpoint.Open(TrainingRun.ModelBlob);
        ModelFile.Write(path, recipe.Model.ToConfig(tokenizer.VocabularySize), tokenizer, name => MemoryMarshal.Cast<byte, float>(model.Data(name)).ToArray(), type, info);
        return checkpoint.State.Step;
    }
}
