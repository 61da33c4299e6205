// The shapes that the examples use of two libraries which are no dependencies: ai 6 and @langchain/core 1. Those
// of JSON schemas and of the functions are as narrow as theirs, so that the examples check as they do with them.

declare module "ai" {
  /** A model's part is not ours. */
  export type LanguageModel = object;

  export interface Schema<T> {
    readonly jsonSchema: object;
    /** Carries the type only. */
    readonly _type: T;
  }
  export function jsonSchema<T>(schema: object): Schema<T>;

  export interface ToolExecutionOptions {
    readonly toolCallId: string;
    readonly messages: readonly object[];
    readonly abortSignal?: AbortSignal;
  }
  export interface Tool<Input, Output> {
    readonly description?: string;
    readonly inputSchema: Schema<Input>;
    readonly execute?: (input: Input, options: ToolExecutionOptions) => PromiseLike<Output> | Output;
  }
  export function tool<Input, Output>(tool: Tool<Input, Output>): Tool<Input, Output>;

  export function stepCountIs(count: number): (state: { readonly steps: readonly object[] }) => boolean;
  export function generateText(options: {
    readonly model: LanguageModel;
    readonly prompt: string;
    readonly stopWhen: ReturnType<typeof stepCountIs>;
    // biome-ignore lint/suspicious/noExplicitAny: tools of any types may be in one record
    readonly tools: Readonly<Record<string, Tool<any, any>>>;
  }): Promise<{ readonly text: string }>;
}

declare module "@langchain/core/tools" {
  export interface JsonSchema7ObjectType {
    type: "object";
    properties: Record<string, object>;
    required?: string[];
    additionalProperties: boolean;
  }
  export interface ToolRunnableConfig {
    readonly signal?: AbortSignal;
  }
  export interface DynamicStructuredTool {
    readonly name: string;
    invoke(input: unknown, config?: ToolRunnableConfig): Promise<string>;
  }
  /** For a JSON schema, what the function gets is unknown. */
  export function tool(
    func: (input: unknown, config: ToolRunnableConfig) => Promise<string>,
    fields: { readonly name: string; readonly description: string; readonly schema: JsonSchema7ObjectType },
  ): DynamicStructuredTool;
}
