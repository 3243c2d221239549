using System.Diagnostics;
using Noos.Core;
using Noos.Courses;
using Noos.Factory.Stages;

namespace Noos.Factory.Recipes;

/// <summary>
/// Runs those of its stages that are missing or stale, in their order. A stage that was interrupted goes on where it stopped. One at a time
/// per recipe folder.
/// </summary>
/// <param name="stages">In the order in which they run.</param>
/// <param name="record">From what each output was made.</param>
public sealed class RecipeMaker(IReadOnlyList<IStage> stages, StageRecord record)
{
    /// <summary>The whole life of a recipe, from its sources to the cards of its models.</summary>
    /// <param name="dataFolder">Holds the sources that the recipe names.</param>
    /// <param name="courses">All courses that a recipe can name.</param>
    public static RecipeMaker Create(Recipe recipe, RecipeFolder folder, string dataFolder, IReadOnlyList<ICourse> courses) => new(
        [
            new TokenizerStage(folder, dataFolder, courses),
            new ShardsStage(folder, dataFolder, recipe.Sources.Select(source => source.Name), courses),
            new PretrainStage(folder),
            new LessonsStage(folder, dataFolder, courses),
            .. recipe.MidTrain is null ? Array.Empty<IStage>() : [new MidTrainStage(folder, courses)],
            new FineTuneStage(folder),
            new ExportStage(folder),
            new CardStage(folder, folder.Models, courses),
        ],
        StageRecord.Open(folder));

    /// <exception cref="NoosException">A stage failed; the stages before it are done.</exception>
    /// <exception cref="OperationCanceledException">
    /// <paramref name="cancellationToken"/> stopped it; the same call goes on from there.
    /// </exception>
    public async Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        foreach (var stage in stages)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // Taken before the stage runs: a source that changes meanwhile makes it stale.
            var key = record.KeyOf(stage, context.Recipe);
            if (record.IsFresh(stage, key))
            {
                Log.StageUpToDate(context.Logger, stage.Name, context.Recipe.Name);
                context.Progress?.Report(new StageProgress(stage.Name, StageState.UpToDate));
            }
            else
            {
                await RunAsync(stage, context, cancellationToken);
                record.SetDone(stage, key);
            }
        }
    }

    static async Task RunAsync(IStage stage, StageContext context, CancellationToken cancellationToken)
    {
        using var activity = Telemetry.Activities.StartActivity($"stage {stage.Name}");
        activity?.SetTag("noos.recipe", context.Recipe.Name);
        var tags = new TagList { { "noos.stage", stage.Name } };
        var started = context.TimeProvider.GetTimestamp();
        Log.StageStarted(context.Logger, stage.Name, context.Recipe.Name);
        context.Progress?.Report(new StageProgress(stage.Name, StageState.Started));
        try
        {
            await stage.RunAsync(context, cancellationToken);
            var duration = Elapsed();
            Log.StageDone(context.Logger, stage.Name, context.Recipe.Name, duration);
            context.Progress?.Report(new StageProgress(stage.Name, StageState.Done));
        }
        catch (OperationCanceledException exception)
        {
            tags.Add("error.type", exception.GetType().FullName);
            var duration = Elapsed();
            Log.StageStopped(context.Logger, stage.Name, context.Recipe.Name, duration);
            throw;
        }
        catch (Exception exception)
        {
            tags.Add("error.type", exception is NoosException noos ? noos.Kind.ToString() : exception.GetType().FullName);
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            var duration = Elapsed();
            Log.StageFailed(context.Logger, exception, stage.Name, context.Recipe.Name, duration);
            throw;
        }
        finally
        {
            Telemetry.StageDuration.Record(Elapsed().TotalSeconds, tags);
        }

        TimeSpan Elapsed() => context.TimeProvider.GetElapsedTime(started);
    }
}
