using System.Text;
using System.Text.Json;
using Noos.Core;
using Noos.Factory.Recipes;
using Noos.Factory.Stages;
using Noos.Language.Models;
using Noos.Language.Tokenization;
using Noos.Testing;
using Noos.Training.Kernels;
using Noos.Training.Model;
using Noos.Training.Runs;

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
    public void Recipe_chooses_the_optimizer()
    {
        using var files = new TinyRecipe();
        var muon = Recipe.Read(files.Write("steps = 3\noptimizer = \"muon\"\nmuon_learning_rate = 0.03")).Pretrain;

        Assert.Equal(0.03, muon.ToPlan(new TransformerConfig(), "").Muon!.LearningRate);
        Assert.Null(new RecipeTraining().ToPlan(new TransformerConfig(), "").Muon);
        Assert.Throws<NoosException>(() => new RecipeTraining { Optimizer = "sgd" }.ToPlan(new TransformerConfig(), ""));
    }

    [Fact]
    public void Precision_that_does_not_exist_is_refused() => Assert.Equal(
        ErrorKind.Invalid,
        Assert.Throws<NoosException>(() => new RecipeTraining { Precision = "fp8" }.ToPlan(new TransformerConfig(), "")).Kind);

    [Fact]
    public void Settings_that_are_not_given_change_no_key_of_a_stage()
    {
        Assert.DoesNotMatch("Precision|Kernels|MuonLearningRate", JsonSerializer.Serialize(new RecipeTraining()));
        Assert.DoesNotMatch("Procedural|MidTrain", JsonSerializer.Serialize(new Recipe()));
    }

    [Fact]
    public void Procedural_rows_come_first_and_then_among_the_text()
    {
        var text = new NumberedRows();
        var mixed = ProceduralText.Mix(
            text, new RecipeProcedural { WarmupRows = 3, Every = 4 }, BpeTrainer.Train([Encoding.UTF8.GetBytes("a cat")], 288), 65,
                seed: 1);

        var rows = Enumerable.Range(0, 15).Select(index => mixed.Read(index)).ToArray();

        Assert.Equal([0, 1, 2, 6, 10, 14], Enumerable.Range(0, 15).Where(index => rows[index].IsTarget.Length > 0));
        Assert.Equal(Enumerable.Range(0, 9), rows.Where(row => row.IsTarget.Length == 0).Select(row => row.Tokens[0]));
        Assert.Equal(rows[10].Tokens, mixed.Read(10).Tokens);
    }

    [Fact]
    public void Recipe_with_procedural_rows_is_read_and_checked()
    {
        using var files = new TinyRecipe();
        var procedural = Recipe.Read(files.Write("steps = 3", "[procedural]\nwarmup_rows = 2\nevery = 3")).Procedural;

        Assert.Equal((2L, 3), (procedural!.WarmupRows, procedural.Every));
        Assert.NotEqual(new RecipeProcedural().Fingerprint, procedural.Fingerprint);
        Assert.Throws<NoosException>(() => new RecipeProcedural { Every = 1 }.Validate());
        Assert.Throws<NoosException>(() => new RecipeProcedural { WarmupRows = -1 }.Validate());
    }

    sealed class NumberedRows : IRowSource
    {
        public TrainingRow Read(long index) => new([(int)index, 0], []);
    }
}
