const { ApolloServer } = require('@apollo/server');
const resolvers = require('./resolvers');

module.exports = new ApolloServer({ typeDefs: require('./schema'), resolvers, introspection: true });
