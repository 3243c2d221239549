using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Factory.Models;
using Noos.Language.Models;
using Noos.Language.Tokenization;

namespace Noos.Factory.Recipes;

/// <summary>Settings of pretraining, which alone may begin with weights that are kept in a model file.</summary>
public sealed record RecipePretraining : RecipeTraining
{
    /// <summary>
    /// GGUF file of the same shape and vocabulary whose weights a new run begins with, relative to the recipe; null: random ones. What a
    /// run on another machine has learned goes on so; the optimizer begins anew, and the text comes in another order.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? InitFrom { get; init; }

    /// <summary>The model to begin with, or null.</summary>
    /// <param name="recipe">File of the recipe.</param>
    /// <param name="model">Shape that the recipe asks for.</param>
    /// <param name="tokenizer">Vocabulary of the recipe.</param>
    /// <exception cref="NoosException">
    /// There is no such file, or its shape or vocabulary is another (<see cref="ErrorKind.Invalid"/>).
    /// </exception>
    internal TrainableModel? OpenInitial(string recipe, TransformerConfig model, Tokenizer tokenizer)
    {
        if (InitFrom is null)
        {
            return null;
        }

        var initial = TrainableModel.Open(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(recipe))!, InitFrom));
        // Weights do not depend on the length of the window.
        var isSameShape = initial.Config with { ContextLength = model.ContextLength } == model;
        if (isSameShape && initial.Tokenizer.Fingerprint == tokenizer.Fingerprint)
        {
            return initial;
        }

        initial.Dispose();
        throw new NoosException(
            ErrorKind.Invalid,
            isSameShape
                ? $"'{InitFrom}' has another vocabulary than this recipe; give it the same data and [tokenizer], or leave init_from out."
                : $"'{InitFrom}' has another shape than [model] of this recipe; write the same numbers there, or leave init_from out.");
    }
}
