// As mcp.test.ts, with every value of --structured and every mode of the client.
import "./mcp.test.js";
