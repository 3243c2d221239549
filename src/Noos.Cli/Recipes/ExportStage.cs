using System.Runtime.InteropServices;
using Noos.Language;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Language.Tokenization;
using Noos.Training.Checkpoints;
using Noos.Training.Runs;

namespace Noos.Cli.Recipes;

/// <summary>From the newest checkpoint of a run to a GGUF file that any engine of that format can run.</summary>
public static class ExportStage
{
    /// <returns>The step of the checkpoint.</returns>
    public static long Run(Recipe recipe, RecipeFolder folder, string runFolder, GgufTensorType type, ModelInfo info, string path)
    {
        var tokenizer = Tokenizer.Load(folder.Tokenizer);
        var checkpoint = CheckpointStore.ReadLatest(runFolder) ?? throw new NoosException($"There is no complete checkpoint in '{runFolder}'; train first: noos pretrain {recipe.File}.");
        using var model = checkpoint.Open(TrainingRun.ModelBlob);
        ModelFile.Write(path, recipe.Model.ToConfig(tokenizer.VocabularySize), tokenizer, name => MemoryMarshal.Cast<byte, float>(model.Data(name)).ToArray(), type, info);
        return checkpoint.State.Step;
    }
}
