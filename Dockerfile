FROM node:20-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:20-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json /app/README.md /app/LICENSE ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/mappings ./mappings
COPY --from=build /app/dist ./dist
# A file of its own, so that `couplet` can also be typed inside the container; the data folder belongs to the user
# that runs the program, for the embedded server of `couplet demo`.
RUN chmod +x dist/src/cli/main.js \
  && ln -s /app/dist/src/cli/main.js /usr/local/bin/couplet \
  && mkdir .couplet && chown node:node .couplet
# By number: only then can whoever runs the image see that it is not root (runAsNonRoot).
USER 1000:1000
EXPOSE 7070
ENTRYPOINT ["couplet"]
CMD ["start"]
