using System.Text.Json;
using Noos.Core;
using Noos.Factory.Recipes;
using Noos.Language.Models;
using Noos.Testing;
using Noos.Training.Kernels;

namespace Noos.Factory.Tests.Recipes;

public sealed class RecipeTrainingTests
{
    [Fact]
    public void Recipe_chooses_kernels_and_precision()
    {
        using var files = new TinyRecipe();
        var recipe = Recipe.Read(files.Write("steps = 3\nprecision = \"bf16\"\nkernels = \"avx512\""));
        var plan = recipe.Pretrain.ToPlan(new TransformerConfig(), "");

        Assert.Equal(Precision.Bf16, plan.Precision);
        Assert.Equal("avx512", plan.Kernels);
    }

    [Fact]
    public void Precision_that_does_not_exist_is_refused() => Assert.Equal(
        ErrorKind.Invalid,
        Assert.Throws<NoosException>(() => new RecipeTraining { Precision = "fp8" }.ToPlan(new TransformerConfig(), "")).Kind);

    [Fact]
    public void Settings_that_are_not_given_change_no_key_of_a_stage() =>
        Assert.DoesNotMatch("Precision|Kernels", JsonSerializer.Serialize(new RecipeTraining()));
}
