using System.Runtime.InteropServices;
using Noos.Core;
using Noos.Factory.Recipes;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Tools;
using Noos.Language.Tokenization;
using Noos.Training.Checkpoints;
using Noos.Training.Runs;

namespace Noos.Factory.Stages;

/// <summary>From the newest checkpoint of a run, complete or not, to a GGUF file that any engine of that format can run.</summary>
public sealed class ModelExport(Recipe recipe, RecipeFolder folder)
{
    /// <returns>The step of the checkpoint.</returns>
    /// <exception cref="NoosException">
    /// There is no checkpoint yet (<see cref="ErrorKind.NotFound"/>), or the file cannot be written.
    /// </exception>
    public long Write(bool isAssistant, GgufTensorType type, string path)
    {
        var tokenizer = folder.LoadTokenizer();
        var run = isAssistant ? folder.FineTuning : folder.BaseRun(recipe);
        var checkpoint = CheckpointStore.ReadLatest(run) ?? throw new NoosException(
            ErrorKind.NotFound,
            $"There is no complete checkpoint in '{run}'; train first: noos {Path.GetFileName(run)} {recipe.File}.");
        var info = new ModelInfo(isAssistant ? recipe.Name : recipe.Name + "-base")
        {
            Author = "The Noos authors",
            License = recipe.Licence,
            ChatTemplate = isAssistant ? ChatFormat.JinjaTemplate : null,
            Sampling = recipe.Sampling.ToAdvice(),
            Tools = isAssistant
                ? [.. recipe.Lessons.Courses.SelectMany(course => CourseCatalog.Find(course.Name)?.Tools ?? []).Distinct()]
                : null,
        };
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } target)
        {
            Directory.CreateDirectory(target);
        }

        using var model = checkpoint.Open(TrainingRun.ModelBlob);
        ModelFile.Write(
            path,
            recipe.Model.ToConfig(tokenizer.VocabularySize),
            tokenizer,
            name => MemoryMarshal.Cast<byte, float>(model.Data(name)).ToArray(),
            type,
            info);
        return checkpoint.State.Step;
    }
}
