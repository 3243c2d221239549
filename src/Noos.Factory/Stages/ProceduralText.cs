using Noos.Corpus.Procedural;
using Noos.Corpus.Rows;
using Noos.Factory.Recipes;
using Noos.Language.Tokenization;
using Noos.Training.FineTuning;
using Noos.Training.Model;
using Noos.Training.Runs;

namespace Noos.Factory.Stages;

/// <summary>Procedural rows as training rows.</summary>
sealed class ProceduralText(ProceduralRows rows) : IRowSource
{
    public TrainingRow Read(long index)
    {
        var tokens = new int[rows.RowLength];
        var isTarget = new bool[rows.RowLength];
        rows.Read(index, tokens, isTarget);
        return new TrainingRow(tokens, isTarget[1..]);
    }

    /// <summary>Procedural rows alone at first, then every so-many-th row among those of the text.</summary>
    public static IRowSource Mix(IRowSource text, RecipeProcedural recipe, Tokenizer tokenizer, int rowLength, ulong seed)
    {
        var first = new ProceduralText(new ProceduralRows(tokenizer, rowLength, Permutation.Mix(seed, 1),
            recipe.ToOptions() with { EasyRows = recipe.EasyRows }));
        var later = new ProceduralText(new ProceduralRows(tokenizer, rowLength, Permutation.Mix(seed, 2), recipe.ToOptions()));
        return new LeadRows(first, recipe.WarmupRows, new MixedRows(text, later, recipe.Every));
    }

    /// <summary>Some rows of one source, then all of another.</summary>
    sealed class LeadRows(IRowSource lead, long count, IRowSource rest) : IRowSource
    {
        public TrainingRow Read(long index) => index < count ? lead.Read(index) : rest.Read(index - count);
    }
}
