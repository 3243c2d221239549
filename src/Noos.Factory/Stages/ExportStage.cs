using Noos.Factory.Recipes;
using Noos.Language.Gguf;

namespace Noos.Factory.Stages;

/// <summary>Writes the base model and the assistant as GGUF files.</summary>
/// <param name="folder">Holds both runs; the models go there.</param>
public sealed class ExportStage(RecipeFolder folder) : IStage
{
    public string Name => "models";

    public IReadOnlyList<string> Inputs => ["tokenizer", "pretrain", "sft"];

    public IReadOnlyList<string> Outputs => [folder.BaseModel, folder.Assistant];

    public StageKey Key(Recipe recipe) => StageKey.From(new { recipe.Name, recipe.Licence, recipe.Model, recipe.Sampling });

    public async Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var export = new ModelExport(context.Recipe, folder);
        await OwnThread.RunAsync(() => export.Write(isAssistant: false, GgufTensorType.Q8_0, folder.BaseModel), cancellationToken);
        await OwnThread.RunAsync(() => export.Write(isAssistant: true, GgufTensorType.Q8_0, folder.Assistant), cancellationToken);
    }
}
